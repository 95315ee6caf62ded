# -*- coding: utf-8 -*-
"""Makes a certificate for https_server, and its key, in the folder named: by pyOpenSSL, which stage 2 brings."""
import os
import sys
import time

from OpenSSL import crypto


def main(folder):
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    certificate = crypto.X509()
    certificate.set_version(2)
    certificate.set_serial_number(int(time.time()))  # another one each time: clients hold it against them
    certificate.get_subject().CN = 'https_server'
    certificate.set_issuer(certificate.get_subject())
    certificate.add_extensions([crypto.X509Extension(b'subjectAltName', False, b'DNS:https_server, DNS:localhost')])
    certificate.gmtime_adj_notBefore(0)
    certificate.gmtime_adj_notAfter(30 * 24 * 3600)
    certificate.set_pubkey(key)
    certificate.sign(key, 'sha256')
    write(os.path.join(folder, 'cert.pem'), crypto.dump_certificate(crypto.FILETYPE_PEM, certificate))
    write(os.path.join(folder, 'key.pem'), crypto.dump_privatekey(crypto.FILETYPE_PEM, key))


def write(path, content):
    """Readable for all: the server runs as another user, and the key is good for nothing but this."""
    with open(path, 'wb') as stream:
        stream.write(content)
    os.chmod(path, 0o644)


main(sys.argv[1])
