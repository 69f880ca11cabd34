# The function with its repository, role and image. Builds and pushes the image if its sources have
# changed.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {}
variable "registry" {}

provider "aws" {}

locals {
  files = sort(fileset("${path.module}/app", "**"))
  sources = sha256(join("", [
    for file in local.files : "${file} ${filesha256("${path.module}/app/${file}")}\n"
  ]))
  image = "${var.registry}/${aws_ecr_repository.function.name}:${substr(local.sources, 0, 16)}"
}

resource "aws_ecr_repository" "function" {
  name         = var.name
  force_delete = true
}

resource "terraform_data" "image" {
  triggers_replace = local.image

  provisioner "local-exec" {
    interpreter = ["bash", "-euo", "pipefail", "-c"]
    command     = <<-END
      aws ecr get-login-password | docker login --username AWS --password-stdin ${var.registry}
      docker build --tag ${local.image} app
      docker push ${local.image}
    END
  }
}

resource "aws_iam_role" "function" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "function" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "function" {
  function_name = var.name
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = local.image
  memory_size   = 1024
  timeout       = 30
  depends_on    = [terraform_data.image]
}
