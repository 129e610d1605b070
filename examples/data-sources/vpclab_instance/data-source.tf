resource "vpclab_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  tags = { Name = "web" }
}

# By its tag. Without the filter, an instance terminated a moment ago would be found too.
data "vpclab_instance" "web" {
  instance_tags = { Name = "web" }

  filter {
    name   = "instance-state-name"
    values = ["running"]
  }

  depends_on = [vpclab_instance.web]
}

output "private_ip" {
  value = data.vpclab_instance.web.private_ip
}
