#!/usr/bin/env bash
# Run once before the first deploy.sh: creates repository, role, image and function.
set -euo pipefail
image="$REGISTRY/$NAME:latest"
trust='{"Version": "2012-10-17", "Statement":
  [{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}'

aws ecr create-repository --repository-name "$NAME"
role=$(aws iam create-role --role-name "$NAME" --assume-role-policy-document "$trust" \
  --query Role.Arn --output text)
aws iam attach-role-policy --role-name "$NAME" \
  --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
docker build --tag "$image" app
docker push "$image"
aws lambda create-function --function-name "$NAME" --role "$role" --package-type Image \
  --code ImageUri="$image" --memory-size 1024 --timeout 30
aws lambda wait function-active-v2 --function-name "$NAME"
