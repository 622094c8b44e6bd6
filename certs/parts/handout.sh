# The page that a student gets: what to enter where. It fits one sheet, A4 or
# Letter, and has no key in it.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# What all handouts of the class say, ready for HTML.
prepare_handouts() {
    handout_server=$(html "$(printf '%s\n' "$server_names" | head -n 1)")
    handout_names=$(html "$(printf '%s\n' "$server_names" | sed -e 1d |
        grep -vx -e localhost -e 127.0.0.1 -e ::1 | paste -s -d ' ' - |
        sed 's/ /, /g')")
    handout_host=$handout_server
    handout_check="-verify_hostname $handout_server"
    if is_address "$handout_server"; then
        handout_check="-verify_ip $handout_server"
        case $handout_server in
        *:*) handout_host="[$handout_server]" ;;
        esac
    fi
    handout_root=$(html "$(subject_of "$root")")
}

# handout DEVICE: with the page that handout_page has left on the stage.
handout() {
    handout_head "WWEP board $1"
    cat "$stage/page"
    echo '</body></html>'
}

html() {
    printf '%s\n' "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' \
        -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

handout_head() {
    cat <<END
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>$(html "$1")</title>
<style>
@page { margin: 12mm }
body { font: 9.5pt/1.3 "DejaVu Sans", Verdana, sans-serif; color: #000;
       background: #fff; max-width: 178mm; margin: 0 auto }
section { break-after: page }
section:last-of-type { break-after: auto }
h1 { font-size: 18pt; margin: 0 }
h2 { font-size: 11pt; margin: 3.5mm 0 1mm; border-bottom: 0.4mm solid #000 }
p { margin: 1mm 0 1.5mm }
.who { font-size: 12pt; margin: 1mm 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 0.6mm 3mm 0.6mm 0 }
th { font-weight: normal; color: #444; width: 33mm }
code, pre { font: 8.5pt/1.3 "DejaVu Sans Mono", Menlo, monospace }
pre { margin: 1mm 0 2mm; white-space: pre-wrap; overflow-wrap: anywhere }
code { overflow-wrap: anywhere }
</style></head><body>
END
}

# handout_page DEVICE CN SEAT NAME MAC
handout_page() {
    who=$(html "${4:-$2}")
    [ -z "$3" ] || who="$who, seat $(html "$3")"
    mac=
    [ -z "$5" ] || mac="<tr><th>MAC address</th><td><code>$(html "$5")</code>
(the sum of its octets is the device ID)</td></tr>"
    echo '<section>'
    handout_board "$@"
    handout_files
    handout_try "$1"
    echo '</section>'
}

handout_board() {
    cat <<END
<h1>WWEP board $1</h1>
<p class="who">$who</p>
<h2>Your board and the server</h2>
<table>
<tr><th>Device ID</th><td><code>$1</code></td></tr>
$mac
<tr><th>Name in the certificate</th><td>$(html "$2")</td></tr>
<tr><th>Server</th><td><code>$handout_server</code></td></tr>
<tr><th>also known as</th><td><code>$handout_names</code></td></tr>
<tr><th>Ports</th><td><code>27708</code> in the clear, <code>40508</code> over
TLS</td></tr>
<tr><th>The LED's register</th><td><code>05</code>: the board sends
<code>W${1}050001</code> for on, <code>W${1}050000</code> for off, and gets
<code>A${1}050001</code> back</td></tr>
</table>
END
}

handout_files() {
    cat <<END
<h2>What goes where</h2>
<p>From your folder. Choose one of the three ways to store certificates.</p>
<table>
<tr><th>In the program<br>(char arrays)</th><td>Copy <code>client.h</code>
beside your source and include it.<br>
<code>wwep_root_ca</code> &rarr;
<code>wiced_tls_init_root_ca_certificates()</code><br>
<code>wwep_client_certificate</code>, <code>wwep_client_key</code> &rarr;
<code>wiced_tls_init_identity()</code><br>
The lengths are <code>strlen()</code> of each.</td></tr>
<tr><th>As resources</th><td>Copy <code>ca.pem</code>, <code>client.pem</code>
and <code>client.key</code> below the resources folder, name them in
<code>\$(NAME)_RESOURCES</code>, and read them by
<code>resource_get_readonly_buffer()</code>.</td></tr>
<tr><th>In the DCT</th><td>In the makefile, <code>CERTIFICATE :=</code> the
path of <code>client.pem</code> and <code>PRIVATE_KEY :=</code> that of
<code>client.key</code>; if the board only has to check the server,
<code>CERTIFICATE :=</code> that of <code>ca.pem</code>.</td></tr>
<tr><th>Host name</th><td>In <code>wiced_hostname_lookup()</code> enter the
server's name above. The certificate is for that name: the board has to check
it.</td></tr>
</table>
<p><code>client.key</code> and <code>client.h</code> hold your private key.
Who has it can pass for your board: give it to nobody, and commit it
nowhere.</p>
END
}

handout_try() {
    cat <<END
<h2>Try it at the desk, in your folder</h2>
<pre>printf W${1}050001 | openssl s_client -quiet -verify_quiet \\
  -verify_return_error -CAfile ca.pem $handout_check \\
  -cert client.pem -cert_chain client.pem -key client.key \\
  -connect $handout_host:40508</pre>
<p>prints <code>A${1}050001</code>.</p>
<h2>If it does not connect</h2>
<table>
<tr><th>Root certificate</th><td>$handout_root, SHA-256<br>
<code>$root_fingerprint</code><br>
<code>wwep-certs show ca.pem</code> prints that of yours; they must be the
same.</td></tr>
<tr><th>Valid until</th><td>$(day_of "$client_end"). Is the board's clock
right?</td></tr>
<tr><th>Refused?</th><td>The server's log has a line with your board's address
and the reason.</td></tr>
</table>
END
}
