"""The vault format in Python, one module for each page of docs/format, written from these pages alone.

fields.py     numbers and refusals (vault.md §1)          libraries.py  libcrypto, libzstd and libbrotlidec
keys.py       keys, seals, signatures, recovery kits      record.py     the encrypted unit
pack.py       records put together                        catalogue.py  directories, files, chunk lists
commit.py     snapshots                                   log.py        the member's log
vault.py      blobs, records and entries of a vault       restore.py    writing entries to a folder

Every refusal is a VaultError with the code that the pages name. Checks are made in the order in which the pages list
them; the first that fails names the code.
"""
