# SPDX-License-Identifier: GPL-2.0-or-later
"""The end, with a database: a write is not answered before it is on the disk,
and everything else is as it was (test_stop.py)."""

import wwep_test
from test_stop import *  # its cases
from wwep_test import Server

del test_a_handshake_that_ends_late_gives_time_to_ask  # before any request

Server.defaults["store"] = {"path": "wwep.db"}

if __name__ == "__main__":
    wwep_test.main()
