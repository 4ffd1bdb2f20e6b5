"""An editor in a process of its own, which writes to DATABASE_URL until it is killed: `python -m tests.mirror NAME SEED`."""

import random
import sys

import django

django.setup()

from tests.mirror.editors import Editor  # noqa: E402 - models are imported after the set-up

name, seed = sys.argv[1], int(sys.argv[2])
editor, chance = Editor(name, seed), random.Random(seed)
while True:
    if editor.act(times=chance.randint(1, 3), undo=0.2):
        print("written", flush=True)
