resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

# Anyone may speak HTTPS to the web servers, and they may speak to anyone.
resource "vpclab_security_group" "web" {
  name        = "web"
  description = "Web servers"
  vpc_id      = vpclab_vpc.main.id

  ingress {
    description = "HTTPS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "-1" # every protocol, on every port
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Only the web servers may speak to the database, and it speaks to nobody.
resource "vpclab_security_group" "database" {
  name        = "database"
  description = "PostgreSQL"
  vpc_id      = vpclab_vpc.main.id

  ingress {
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [vpclab_security_group.web.id]
  }
}
