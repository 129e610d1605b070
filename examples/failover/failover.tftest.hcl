# Plays the failover and sees, from run to run, that the interface stays the same:
#
#   terraform test

variables {
  attached_to = "none"
}

run "made" {
  assert {
    condition     = output.service.private_ip == "10.0.1.50"
    error_message = "The interface should have the address it was given."
  }
  assert {
    condition     = length(vpclab_network_interface_attachment.service) == 0
    error_message = "The interface should not be attached yet."
  }
}

run "attached_to_one" {
  variables {
    attached_to = "one"
    before      = run.made.service
  }

  assert {
    condition     = vpclab_network_interface_attachment.service[0].instance_id == vpclab_instance.one.id
    error_message = "The interface should be attached to instance one."
  }
  assert {
    condition     = vpclab_network_interface_attachment.service[0].status == "attached"
    error_message = "The attachment should be complete."
  }
  assert {
    condition     = output.service == var.before
    error_message = "Attaching should leave the id, the address and the MAC address as they are."
  }
}

# In one go: the attachment is replaced.
run "moved_to_two" {
  variables {
    attached_to = "two"
    before      = run.attached_to_one.service
    attachment  = run.attached_to_one.attachment
  }

  assert {
    condition     = vpclab_network_interface_attachment.service[0].instance_id == vpclab_instance.two.id
    error_message = "The interface should be attached to instance two."
  }
  assert {
    condition     = vpclab_network_interface_attachment.service[0].id != var.attachment
    error_message = "It should be a new attachment."
  }
  assert {
    condition     = output.service == var.before
    error_message = "Moving should leave the id, the address and the MAC address as they are."
  }
}

run "detached" {
  variables {
    before = run.moved_to_two.service
  }

  assert {
    condition     = length(vpclab_network_interface_attachment.service) == 0
    error_message = "The interface should not be attached any more."
  }
  assert {
    condition     = output.service == var.before
    error_message = "Detaching should leave the id, the address and the MAC address as they are."
  }
}

run "instances_keep_their_primary_interfaces" {
  command = plan

  assert {
    condition     = vpclab_instance.one.primary_network_interface_id != vpclab_instance.two.primary_network_interface_id
    error_message = "Each instance should have a primary interface of its own."
  }
}

run "nowhere_else" {
  command = plan
  variables {
    attached_to = "four"
  }

  expect_failures = [var.attached_to]
}
