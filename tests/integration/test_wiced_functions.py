# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of all functions in client_fw/wiced/README.md: what is declared is
there, implemented, and tested by the test that it names."""

import glob
import os
import re

import wwep_test
from wwep_test import BUILD, SRC, equal, run, tool

WICED = os.path.join(SRC, "client_fw", "wiced")

# What chapters 6A and 6B call, the whole of wiced_tls.h of both SDKs, and the
# resources.
WANTED = """
application_start linked_list_find_node linked_list_get_count
linked_list_get_front_node linked_list_init linked_list_insert_node_at_front
resource_free_readonly_buffer resource_get_readonly_buffer resource_read
wiced_dct_read_lock wiced_dct_read_unlock wiced_gpio_input_irq_enable
wiced_gpio_output_high wiced_gpio_output_low wiced_hostname_lookup wiced_init
wiced_network_up wiced_packet_create_tcp wiced_packet_delete
wiced_packet_get_data wiced_packet_set_data_end wiced_ping
wiced_rtos_create_thread wiced_rtos_delay_milliseconds
wiced_rtos_get_semaphore wiced_rtos_init_mutex wiced_rtos_init_semaphore
wiced_rtos_lock_mutex wiced_rtos_set_semaphore wiced_rtos_unlock_mutex
wiced_generic_start_tls_with_ciphers
wiced_tcp_accept wiced_tcp_bind wiced_tcp_connect wiced_tcp_create_socket
wiced_tcp_delete_socket wiced_tcp_disconnect wiced_tcp_enable_tls
wiced_tcp_get_socket_state wiced_tcp_listen wiced_tcp_receive
wiced_tcp_register_callbacks wiced_tcp_send_packet wiced_tcp_server_accept
wiced_tcp_server_disconnect_socket wiced_tcp_server_enable_tls
wiced_tcp_server_peer wiced_tcp_server_start wiced_tcp_start_tls
wiced_tcp_stream_deinit wiced_tcp_stream_flush wiced_tcp_stream_init
wiced_tcp_stream_read wiced_tcp_stream_read_with_count wiced_tcp_stream_write
wiced_tls_add_extension wiced_tls_add_identity wiced_tls_deinit_context
wiced_tls_deinit_identity wiced_tls_deinit_root_ca_certificates
wiced_tls_init_context wiced_tls_init_identity
wiced_tls_init_root_ca_certificates wiced_tls_remove_identity
wiced_tls_reset_context wiced_tls_set_context_root_ca_certificates
wiced_tls_set_extension wiced_uart_receive_bytes wiced_wifi_get_mac_address
""".split()


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def table():
    """{function: (source, test)}"""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$",
                      read(os.path.join(WICED, "README.md")), re.M)
    equal(len({name for name, _, _ in rows}), len(rows), "a row twice")
    return {name: (source, test) for name, source, test in rows}


def declared():
    found = set()
    for path in glob.glob(os.path.join(WICED, "include", "*.h")):
        text = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
        for line in re.findall(r"^(?!typedef|#)\w[\w *]*\([^;{]*\);", text,
                               re.M):
            found.add(re.match(r"[\w *]*?(\w+)\(", line)[1])
    return found


def test_all_that_is_wanted_is_declared():
    equal(sorted(set(WANTED) - declared()), [], "not declared")


def test_the_table_is_what_is_declared():
    equal(sorted(declared() ^ set(table())), [], "in one of them only")


def test_each_is_implemented_where_it_says():
    missing = []
    for name, (source, _) in table().items():
        path = os.path.join(WICED, "src", source)
        if name != "application_start" and not (
                os.path.exists(path) and
                re.search(rf"^\w[\w *]*\b{name}\(", read(path), re.M)):
            missing.append(f"{name} in {source}")
    equal(missing, [], "not there")


def test_each_is_in_the_library():
    done = run([tool("nm"), "-g", "--defined-only",
                os.path.join(BUILD, "libwwep-wiced.a")])
    there = set(re.findall(r" T (\w+)$", done.stdout.decode(), re.M))
    equal(sorted(set(table()) - there - {"application_start"}), [],
          "not in the library")


def test_each_is_tested_where_it_says():
    missing = []
    for name, (_, test) in table().items():
        folder = "unit" if test.endswith(".c") else "integration"
        path = os.path.join(SRC, "tests", folder, test)
        if not os.path.exists(path) or \
                not re.search(rf"\b{name}\b", read(path)):
            missing.append(f"{name} by {test}")
    equal(missing, [], "not tested")


if __name__ == "__main__":
    wwep_test.main()
