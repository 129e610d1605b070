# Part two: a network interface that belongs to the service, not to an instance. Its id,
# its private address and its MAC address stay the same wherever it is attached.

variable "attached_to" {
  description = "The instance that has the service's network interface: one, two, three or none."
  type        = string
  default     = "one"

  validation {
    condition     = contains(["one", "two", "three", "none"], var.attached_to)
    error_message = "Set attached_to to one, two, three or none."
  }
}

resource "vpclab_security_group" "web" {
  name        = "web"
  description = "Anyone may speak HTTPS to the service"
  vpc_id      = vpclab_vpc.main.id

  ingress = [{
    description      = "HTTPS"
    protocol         = "tcp"
    from_port        = 443
    to_port          = 443
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
    self             = false
  }]
}

resource "vpclab_network_interface" "service" {
  description     = "Moves between the instances"
  subnet_id       = vpclab_subnet.a.id
  security_groups = [vpclab_security_group.web.id]
  private_ips     = ["10.0.1.50"]
  tags            = { Name = "service" }
}

# The attachment is a resource of its own. When the instance changes, Terraform replaces
# the attachment: it detaches the interface here and attaches it there.
resource "vpclab_network_interface_attachment" "service" {
  count = contains(["one", "two"], var.attached_to) ? 1 : 0

  network_interface_id = vpclab_network_interface.service.id
  instance_id          = var.attached_to == "one" ? vpclab_instance.one.id : vpclab_instance.two.id
  device_index         = 1 # 0 is the primary interface's
}

output "service" {
  description = "What clients of the service rely on."
  value = {
    network_interface = vpclab_network_interface.service.id
    private_ip        = vpclab_network_interface.service.private_ip
    mac_address       = vpclab_network_interface.service.mac_address
  }
}

output "attachment" {
  description = "The id of the attachment, or null: it is another one after each move."
  value       = one(vpclab_network_interface_attachment.service[*].id)
}
