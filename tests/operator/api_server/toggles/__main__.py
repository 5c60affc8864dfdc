"""Write expected.yaml, or compare it with `--check`."""

import sys

from .expecting import main

sys.exit(main(sys.argv[1:]))
