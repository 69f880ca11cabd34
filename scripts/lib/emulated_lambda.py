"""Starts ministack so that its Lambda runs images as AWS does: images hold no emulator of their own.

ministack calls a function at port 8080 of its container, where AWS's Runtime Interface Emulator has to
listen. On AWS the service itself stands there. So the emulator (the file that JOT_RIE names) is mounted
into each container of an image and started in front of what the image, or ImageConfig, starts.
"""

import os
import sys

from docker.models.containers import ContainerCollection
from docker.types import Mount
from ministack.app import main

RIE = os.environ["JOT_RIE"]
INSIDE = "/aws-lambda-rie"
# What AWS's own base images start: it has the emulator already.
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


# What `run` does goes through `create`.
create = ContainerCollection.create
ContainerCollection.create = lambda self, *arguments, **options: create(
    self, *arguments, **emulated(self, options)
)
sys.exit(main())
