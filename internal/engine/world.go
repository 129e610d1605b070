package engine

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Env is what a world takes from outside, so that a run can be replayed
// exactly: with the same Env and the same operations, the same world comes out.
type Env struct {
	Account string           // 12-digit id of the account that owns everything
	Now     func() time.Time // the clock
	Random  io.Reader        // where ids come from

	// ManagedBy is written on what is made: "terraform" when Terraform will
	// take it away again, else empty.
	ManagedBy string

	// Provisional reports whether an id was made up for a plan. Messages do
	// not show such an id. Nil means that every id is real.
	Provisional func(id string) bool
}

// SystemEnv is the environment of a real run: the machine's clock and
// randomness.
func SystemEnv(account string) Env {
	return Env{Account: account, Now: time.Now, Random: rand.Reader}
}

// World is a simulated cloud in memory. Any number of goroutines may read it;
// one at a time may change it.
type World struct {
	db  *memdb.MemDB
	env Env
}

// New makes an empty world.
func New(env Env) *World {
	db, err := memdb.NewMemDB(newSchema())
	if err != nil {
		panic(fmt.Sprintf("engine: the schema of the world is invalid: %v", err))
	}
	return &World{db: db, env: env}
}

// Fork makes a world that begins with the same contents and then goes its own
// way. It costs the same for any number of objects.
func (w *World) Fork() *World { return &World{db: w.db.Snapshot(), env: w.env} }

// ForkWith is Fork into another environment.
func (w *World) ForkWith(env Env) *World { return &World{db: w.db.Snapshot(), env: env} }

// Env is the environment the world was made with.
func (w *World) Env() Env { return w.env }

// View begins a transaction that only reads, and sees the world as it is now.
func (w *World) View() *ReadTx {
	return &ReadTx{txn: w.db.Txn(false), env: w.env}
}

// Begin begins a transaction. It must end with [Tx.Commit] or [Tx.Abort]; a
// second one waits until then.
func (w *World) Begin() *Tx {
	txn := w.db.Txn(true)
	txn.TrackChanges()
	return &Tx{ReadTx: &ReadTx{txn: txn, env: w.env}, ids: &mint{}, log: &log{}}
}

// Load puts objects into the world as they are and takes others out of it (or
// notes that they once were),
// in whatever order they come, without asking whether any operation could do
// so. It is how a journal becomes a world again.
func (w *World) Load(objects []ec2.Object, removed []ec2.Ref) {
	txn := w.db.Txn(true) // nobody asks for its changes
	defer txn.Commit()
	tx := &Tx{ReadTx: &ReadTx{txn: txn, env: w.env}}
	perKind := make(map[ec2.Kind][]ec2.Object, len(kinds))
	for _, o := range objects {
		perKind[o.Ref().Kind] = append(perKind[o.Ref().Kind], o)
	}
	for _, ref := range removed {
		tx.remove(ref)
		tx.spend(ref.ID)
	}
	put := tx.put
	if tx.empty() {
		put = tx.insert // and count the free addresses when all are there
		defer tx.countAllFree()
	}
	for _, kind := range kinds {
		for _, o := range perKind[kind] {
			put(o)
		}
	}
}

// empty reports whether the world holds nothing at all.
func (tx *ReadTx) empty() bool {
	for range tx.Objects() {
		return false
	}
	return true
}
