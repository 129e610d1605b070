package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

// walkthrough is one telling of the story. The first thing that is not as told ends it:
// err says what, and every later step does nothing.
type walkthrough struct {
	narrator
	ctx context.Context
	err error

	cli      *terraformcli.CLI
	config   string // the CLI configuration
	example  string // examples/failover, whose files are added as the story goes on
	folder   string // where it happens
	provider string // the program

	variables []string   // "-var" and its value, as given to every command
	sightings []sighting // of the service's interface
}

// sighting is the service's interface as it was at one point of the story.
type sighting struct {
	when, where string
	seen        networkInterface
}

// tell tells the story.
func (w *walkthrough) tell() {
	w.say(fmt.Sprintf(`A network interface moves from one instance to another, in a simulated VPC.
Everything below is really run, with %s %s, in the folder
%s.`, w.product(), w.cli.Version, w.folder))

	w.chapter("Two instances in one Availability Zone")
	w.say(`The configuration so far is main.tf: a VPC, a subnet in us-east-1a, and two instances in
that subnet. No account is needed; the provider is the cloud.`)
	w.add("main.tf")
	w.apply()
	w.say(`Each instance came with a network interface: its primary one, at device index 0, in use.`)
	w.show()
	w.expectPrimaries("one", "two")

	w.chapter("A network interface of its own")
	w.say(`A third interface is made by hand, in a subnet and with a security group and an address of
our choice. It belongs to a service, not to an instance. Nothing has it yet.`)
	w.add("interface.tf")
	w.quoteFile("interface.tf", `resource "vpclab_network_interface" "service"`)
	w.attachTo("none")
	w.apply()
	w.show()
	w.sight("made", "")

	w.chapter("A second network card for instance one")
	w.say(`Attaching is a resource too. Instance one keeps its primary interface at device index 0
and gets the service's interface at index 1.`)
	w.quoteFile("interface.tf", `resource "vpclab_network_interface_attachment" "service"`)
	w.attachTo("one")
	w.apply()
	w.sight("attached to one", "one")

	w.chapter("Detached")
	w.say(`Instance one fails, say. The interface is detached, and lives on.`)
	w.attachTo("none")
	w.apply()
	w.sight("detached", "")

	w.chapter("Attached to instance two")
	w.say(`Instance two takes over. (From "one" straight to "two" works as well: Terraform then
replaces the attachment in one go.)`)
	w.attachTo("two")
	w.apply()
	w.show()
	w.sight("attached to two", "two")

	w.chapter("Before and after")
	w.say(`What clients of the service know has not changed: the same interface, the same private
address, the same MAC address.`)
	w.compare()

	w.chapter("Refused at plan: an attachment across zones")
	w.say(`A network interface never leaves its Availability Zone. With other_zone.tf there is a third
instance, in us-east-1b.`)
	w.add("other_zone.tf")
	w.apply()
	w.say(`Could that one take over? EC2 would say no in the middle of an apply, with the service
already detached. Here the plan says so, and nothing has happened.`)
	w.refused("different Availability Zones", "InvalidParameterCombination", "-var", "attached_to=three")

	w.chapter("Refused at plan: detaching a primary interface")
	w.say(`An instance cannot be without its primary interface. The attachment of instance one's came
with the instance; imported, it is a resource like any other:`)
	w.importPrimary("one")
	w.apply()
	w.say(`To take that resource out of the configuration again is to ask Terraform to detach.`)
	w.remove("primary.tf")
	w.refused("cannot be detached", "OperationNotPermitted")
	w.say(`So the interface stays, and Terraform is told to forget about its attachment.`)
	w.forget("vpclab_network_interface_attachment.primary")

	w.chapter("The end")
	w.destroy()
	w.goOn()
}

// fail ends the story.
func (w *walkthrough) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *walkthrough) chapter(title string) {
	if w.err == nil {
		w.narrator.chapter(title)
	}
}

func (w *walkthrough) say(text string) {
	if w.err == nil {
		w.narrator.say(text)
	}
}

// add adds a file of the example to the configuration.
func (w *walkthrough) add(name string) {
	if w.err != nil {
		return
	}
	text, err := os.ReadFile(filepath.Join(w.example, name))
	if err == nil {
		err = os.WriteFile(filepath.Join(w.folder, name), text, 0o644)
	}
	if err != nil {
		w.fail("adding %s to the configuration: %v", name, err)
	}
}

// remove removes a file from the configuration.
func (w *walkthrough) remove(name string) {
	if w.err != nil {
		return
	}
	w.command("rm " + name)
	if err := os.Remove(filepath.Join(w.folder, name)); err != nil {
		w.fail("removing %s from the configuration: %v", name, err)
	}
}

// quoteFile shows the block of a file of the configuration that begins with a line.
func (w *walkthrough) quoteFile(name, firstLine string) {
	if w.err != nil {
		return
	}
	text, err := os.ReadFile(filepath.Join(w.folder, name))
	if err != nil {
		w.fail("%v", err)
		return
	}
	_, rest, found := strings.Cut(string(text), firstLine)
	body, _, ended := strings.Cut(rest, "\n}\n")
	if !found || !ended {
		w.fail("%s has no block %s", name, firstLine)
		return
	}
	w.file(name, firstLine+body+"\n}")
}

// attachTo says where the service's interface is to be from now on.
func (w *walkthrough) attachTo(name string) {
	w.variables = []string{"-var", "attached_to=" + name}
}

// apply applies the configuration, and sees that a second plan finds nothing to do.
func (w *walkthrough) apply() {
	if output, ok := w.succeed(append([]string{"apply", "-auto-approve"}, w.variables...)...); ok {
		w.quote(gist(output))
	}
	w.settled()
}

// settled sees that a plan finds nothing to do.
func (w *walkthrough) settled() {
	if w.err != nil {
		return
	}
	args := append([]string{"plan", "-detailed-exitcode"}, w.variables...)
	w.command(w.name() + " " + strings.Join(args, " "))
	switch output, status := w.terraform(args...); status {
	case 0:
		w.quote(gist(output))
	case 2:
		w.fail("a second plan after the apply is not empty. %s", tail(output))
	default:
		w.fail("a second plan after the apply has failed. %s", tail(output))
	}
}

// succeed runs a command that must not fail.
func (w *walkthrough) succeed(args ...string) (output string, ok bool) {
	if w.err != nil {
		return "", false
	}
	w.command(w.name() + " " + strings.Join(args, " "))
	output, status := w.terraform(args...)
	if status != 0 {
		w.fail("%s %s has failed. %s", w.name(), args[0], tail(output))
	}
	return output, w.err == nil
}

// refused plans something that EC2 would refuse: the plan has to say so in the words
// given, and the lab has to stay as it is.
func (w *walkthrough) refused(summary, code string, variables ...string) {
	if len(variables) == 0 {
		variables = w.variables
	}
	before := w.contents()
	if w.err != nil {
		return
	}
	args := append([]string{"plan"}, variables...)
	w.command(w.name() + " " + strings.Join(args, " "))
	output, status := w.terraform(args...)
	message := refusal(output)
	switch after := w.contents(); {
	case w.err != nil:
	case status == 0:
		w.fail("the plan should have been refused: %s. %s", summary, tail(output))
	case !strings.Contains(firstLine(message), summary) || !strings.Contains(message, code):
		w.fail("the plan has failed, but not because of %q (%s). %s", summary, code, tail(output))
	case after.document != before.document:
		w.fail("a plan has changed the lab.\nBefore: %s\nAfter: %s", before.document, after.document)
	default:
		w.quote(message)
		w.checked("the plan was refused, and the lab is as it was.")
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// show shows the lab.
func (w *walkthrough) show() {
	if w.err != nil {
		return
	}
	w.command("bin/terraform-provider-vpclab show")
	text, status := w.showCommand()
	if status != 0 {
		w.fail("terraform-provider-vpclab show has failed. %s", tail(text))
		return
	}
	w.quote(text)
}

// expectPrimaries sees that the lab's interfaces are the primary ones of the instances
// named, and that these are in use.
func (w *walkthrough) expectPrimaries(names ...string) {
	lab := w.contents()
	if w.err != nil {
		return
	}
	if got := len(lab.NetworkInterfaces); got != len(names) {
		w.fail("the lab should have %d network interfaces, and has %d", len(names), got)
	}
	for _, name := range names {
		if n, ok := lab.primary(name); !ok || n.Status != "in-use" {
			w.fail("instance %s should have a primary network interface in use", name)
		}
	}
	if w.err == nil {
		w.checked("there are two network interfaces, both primary, both in use.")
	}
}

// sight looks at the service's interface. It has to be attached to the instance named
// at device index 1, or to none if there is no name, and be otherwise as it was.
func (w *walkthrough) sight(when, where string) {
	lab := w.contents()
	if w.err != nil {
		return
	}
	n, ok := lab.service()
	switch {
	case !ok:
		w.fail("the service's network interface is gone")
	case where == "" && (n.Attachment != nil || n.Status != "available"):
		w.fail("the service's network interface should be available, and is %s", n.Status)
	case where != "" && (n.Attachment == nil || n.Attachment.InstanceID != lab.instance(where) || n.Attachment.DeviceIndex != 1 || n.Status != "in-use"):
		w.fail("the service's network interface should be attached to instance %s at device index 1", where)
	}
	for _, s := range w.sightings {
		if n.ID != s.seen.ID || n.PrivateIP != s.seen.PrivateIP || n.MAC != s.seen.MAC {
			w.fail("the service's network interface has changed: it was %s, %s, %s when %s, and is %s, %s, %s now",
				s.seen.ID, s.seen.PrivateIP, s.seen.MAC, s.when, n.ID, n.PrivateIP, n.MAC)
		}
	}
	if w.err != nil {
		return
	}
	w.sightings = append(w.sightings, sighting{when, where, n})
	if where == "" {
		w.checked(fmt.Sprintf("%s (%s, %s) is available.", n.ID, n.PrivateIP, n.MAC))
	} else {
		w.checked(fmt.Sprintf("%s (%s, %s) is in use: instance %s, index 1.", n.ID, n.PrivateIP, n.MAC, where))
	}
}

// compare shows all sightings as a table. That they agree has been checked.
func (w *walkthrough) compare() {
	if w.err != nil {
		return
	}
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tNETWORK INTERFACE\tPRIVATE IP\tMAC\tATTACHED TO")
	for _, s := range w.sightings {
		where := "-"
		if s.where != "" {
			where = s.where + ", index 1"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.when, s.seen.ID, s.seen.PrivateIP, s.seen.MAC, where)
	}
	t.Flush() // to memory
	w.quote(b.String())
}

// importPrimary adds a file to the configuration that takes the attachment of an
// instance's primary interface under Terraform's management.
func (w *walkthrough) importPrimary(name string) {
	lab := w.contents()
	n, ok := lab.primary(name)
	if w.err != nil {
		return
	}
	if !ok {
		w.fail("instance %s has no primary network interface", name)
		return
	}
	text := strings.NewReplacer("NAME", name, "ID", n.Attachment.ID).Replace(primary)
	if err := os.WriteFile(filepath.Join(w.folder, "primary.tf"), []byte(text), 0o644); err != nil {
		w.fail("%v", err)
		return
	}
	w.file("primary.tf", text)
}

const primary = `import {
  to = vpclab_network_interface_attachment.primary
  id = "ID" # from "show --json"
}

resource "vpclab_network_interface_attachment" "primary" {
  network_interface_id = vpclab_instance.NAME.primary_network_interface_id
  instance_id          = vpclab_instance.NAME.id
  device_index         = 0
}
`

// forget takes a resource out of the state.
func (w *walkthrough) forget(address string) {
	if output, ok := w.succeed("state", "rm", address); ok {
		w.quote(gist(output))
	}
	w.settled()
}

// destroy cleans up, and sees that nothing is left.
func (w *walkthrough) destroy() {
	if output, ok := w.succeed("destroy", "-auto-approve"); ok {
		w.quote(gist(output))
	}
	w.show()
	lab := w.contents()
	if w.err == nil && len(lab.VPCs)+len(lab.Instances)+len(lab.NetworkInterfaces) > 0 {
		w.fail("after destroy the lab should be empty, and is not")
	}
}

// goOn tells how to go on by hand.
func (w *walkthrough) goOn() {
	name := w.name()
	if path, err := exec.LookPath(name); err != nil || !sameFile(path, w.cli.Path) {
		name = w.cli.Path
	}
	w.say(fmt.Sprintf(`The lab is empty, and the configuration is yours. To go on by hand:

  cd %s
  export TF_CLI_CONFIG_FILE="$PWD/%s"
  %[3]s apply
  %[3]s apply -var attached_to=two
  bin/terraform-provider-vpclab show
  %[3]s destroy

When you are done with it, delete that folder: nothing is kept anywhere else.`, quoted(w.folder), filepath.Base(w.config), quoted(name)))
}

// quoted is a word for a shell.
func quoted(word string) string {
	if !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`'"\$&;()<>|*?[]#~!{}`+"`", r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func sameFile(a, b string) bool {
	first, errA := os.Stat(a)
	second, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(first, second)
}

func (w *walkthrough) product() string {
	if w.cli.Product == terraformcli.OpenTofu {
		return "OpenTofu"
	}
	return "Terraform"
}
