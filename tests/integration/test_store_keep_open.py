# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep(7), KEEP-OPEN, with a database: a write is not answered before it is on the disk,
and everything else is as it was (test_keep_open.py)."""

import wwep_test
from test_keep_open import *  # its cases
from wwep_test import Server

Server.defaults["store"] = {"path": "wwep.db"}

if __name__ == "__main__":
    wwep_test.main()
