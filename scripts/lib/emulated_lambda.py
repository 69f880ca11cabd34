"""Starts ministack so that its Lambda runs images as AWS does, although images contain no emulator.

ministack calls a function on port 8080 of its container, where AWS's Runtime Interface Emulator has
to listen. On AWS the service does this. So the emulator (the file in JOT_RIE) is mounted into each
container of an image, and started in front of the entry point of the image or of ImageConfig.
"""

import os
import sys

from docker.models.containers import ContainerCollection
from docker.types import Mount
from ministack.app import main

RIE = os.environ["JOT_RIE"]
INSIDE = "/aws-lambda-rie"
# The entry point of AWS's own base images, which contain the emulator.
AWS_ENTRY = "lambda-entrypoint.sh"


def emulated(collection, options):
    if options.get("labels", {}).get("ministack") != "lambda":
        return options
    config = collection.client.images.get(options["image"]).attrs["Config"]
    entry = options.get("entrypoint") or config.get("Entrypoint") or []
    command = options.get("command") or config.get("Cmd") or []
    if any(AWS_ENTRY in part for part in entry):
        return options
    mount = Mount(INSIDE, RIE, type="bind", read_only=True)
    mounts = [*options.get("mounts", []), mount]
    return {**options, "entrypoint": [INSIDE, *entry], "command": command, "mounts": mounts}


# `run` calls `create`.
create = ContainerCollection.create
ContainerCollection.create = lambda self, *arguments, **options: create(
    self, *arguments, **emulated(self, options)
)
sys.exit(main())
