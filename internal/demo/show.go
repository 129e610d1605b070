package main

import (
	"encoding/json"
	"os/exec"
)

// networkInterface is what the story needs of the network interfaces in "show --json".
type networkInterface struct {
	ID         string `json:"network_interface_id"`
	Status     string `json:"status"`
	PrivateIP  string `json:"private_ip_address"`
	MAC        string `json:"mac_address"`
	Attachment *struct {
		ID          string `json:"attachment_id"`
		InstanceID  string `json:"instance_id"`
		DeviceIndex int    `json:"device_index"`
	} `json:"attachment"`
	Tags map[string]string `json:"tags"`
}

// contents is what the lab holds.
type contents struct {
	Instances []struct {
		ID   string            `json:"instance_id"`
		Tags map[string]string `json:"tags"`
	} `json:"instances"`
	VPCs              []json.RawMessage  `json:"vpcs"`
	NetworkInterfaces []networkInterface `json:"network_interfaces"`

	document string // all of it, as printed
}

// contents asks the provider's program what the lab holds.
func (w *walkthrough) contents() (c contents) {
	if w.err != nil {
		return c
	}
	document, status := w.showCommand("--json")
	if status != 0 {
		w.fail("terraform-provider-vpclab show --json has failed. %s", tail(document))
		return c
	}
	if err := json.Unmarshal([]byte(document), &c); err != nil {
		w.fail("terraform-provider-vpclab show --json has not printed JSON: %v", err)
	}
	c.document = document
	return c
}

func (w *walkthrough) showCommand(args ...string) (string, int) {
	cmd := exec.CommandContext(w.ctx, w.provider, append([]string{"show"}, args...)...)
	cmd.Dir = w.folder
	cmd.Env = environ(w.cli.Env(w.config))
	return w.output(cmd)
}

// instance gives the id of the instance of a name, or "".
func (c contents) instance(name string) string {
	for _, i := range c.Instances {
		if i.Tags["Name"] == name {
			return i.ID
		}
	}
	return ""
}

// service gives the interface that the walkthrough is about.
func (c contents) service() (networkInterface, bool) {
	for _, n := range c.NetworkInterfaces {
		if n.Tags["Name"] == "service" {
			return n, true
		}
	}
	return networkInterface{}, false
}

// primary gives the primary interface of the instance of a name.
func (c contents) primary(name string) (networkInterface, bool) {
	id := c.instance(name)
	for _, n := range c.NetworkInterfaces {
		if n.Attachment != nil && n.Attachment.InstanceID == id && n.Attachment.DeviceIndex == 0 {
			return n, true
		}
	}
	return networkInterface{}, false
}
