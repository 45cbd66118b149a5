"""The system's libraries for what Python does not have: AES-GCM, P-256, Zstandard, Brotli."""
import ctypes
import ctypes.util
import zlib
from functools import lru_cache

from .fields import VaultError

POINTER, BYTES, INT, SIZE, LONG = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_long
CRYPTO = {  # function: result, arguments
    "EVP_CIPHER_CTX_new": (POINTER,),
    "EVP_CIPHER_CTX_free": (None, POINTER),
    "EVP_CIPHER_CTX_ctrl": (INT, POINTER, INT, INT, BYTES),
    "EVP_aes_256_gcm": (POINTER,),
    "EVP_DecryptInit_ex": (INT, POINTER, POINTER, POINTER, BYTES, BYTES),
    "EVP_DecryptUpdate": (INT, POINTER, POINTER, POINTER, BYTES, INT),
    "EVP_DecryptFinal_ex": (INT, POINTER, POINTER, POINTER),
    "d2i_PUBKEY": (POINTER, POINTER, POINTER, LONG),
    "i2d_PUBKEY": (INT, POINTER, POINTER),
    "d2i_AutoPrivateKey": (POINTER, POINTER, POINTER, LONG),
    "EVP_PKEY_CTX_new": (POINTER, POINTER, POINTER),
    "EVP_PKEY_CTX_free": (None, POINTER),
    "EVP_PKEY_derive_init": (INT, POINTER),
    "EVP_PKEY_derive_set_peer": (INT, POINTER, POINTER),
    "EVP_PKEY_derive": (INT, POINTER, POINTER, POINTER),
    "EVP_MD_CTX_new": (POINTER,),
    "EVP_MD_CTX_free": (None, POINTER),
    "EVP_sha256": (POINTER,),
    "EVP_DigestVerifyInit": (INT, POINTER, POINTER, POINTER, POINTER, POINTER),
    "EVP_DigestVerify": (INT, POINTER, BYTES, SIZE, BYTES, SIZE),
}
ZSTD = {"ZSTD_decompress": (SIZE, POINTER, SIZE, BYTES, SIZE), "ZSTD_isError": (ctypes.c_uint, SIZE)}
BROTLI = {"BrotliDecoderDecompress": (INT, SIZE, BYTES, POINTER, POINTER)}
LIBRARIES = {
    "crypto": (("libcrypto.so.3", "libcrypto.so.1.1"), CRYPTO),
    "zstd": (("libzstd.so.1",), ZSTD),
    "brotlidec": (("libbrotlidec.so.1",), BROTLI),
}
SET_TAG = 0x11  # EVP_CTRL_AEAD_SET_TAG
PUBLIC_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")  # SubjectPublicKeyInfo, P-256
PRIVATE_PREFIX, PRIVATE_SUFFIX = bytes.fromhex("30310201010420"), bytes.fromhex("a00a06082a8648ce3d030107")  # RFC 5915


@lru_cache(maxsize=None)
def library(name):
    files, functions = LIBRARIES[name]
    for file in (*files, ctypes.util.find_library(name)):
        try:
            found = ctypes.CDLL(file) if file else None
        except OSError:
            continue
        if found:
            for function, (result, *arguments) in functions.items():
                getattr(found, function).restype, getattr(found, function).argtypes = result, arguments
            return found
    raise VaultError("BEF-1014", f"lib{name} is not installed on this machine, and is needed to go on")


def open_aes_gcm(key, nonce, associated, sealed):
    """The plain bytes of ciphertext ‖ tag under AES-256-GCM; None when the tag does not verify."""
    crypto, text, tag = library("crypto"), sealed[:-16], sealed[-16:]
    plain, written, context = ctypes.create_string_buffer(len(text) + 16), INT(), crypto.EVP_CIPHER_CTX_new()
    count = ctypes.byref(written)
    try:
        good = len(tag) == 16
        good = good and crypto.EVP_DecryptInit_ex(context, crypto.EVP_aes_256_gcm(), None, key, nonce) == 1
        if associated:
            good = good and crypto.EVP_DecryptUpdate(context, None, count, associated, len(associated)) == 1
        good = good and crypto.EVP_DecryptUpdate(context, plain, count, text, len(text)) == 1
        good = good and crypto.EVP_CIPHER_CTX_ctrl(context, SET_TAG, 16, tag) == 1
        good = good and crypto.EVP_DecryptFinal_ex(context, ctypes.create_string_buffer(16), count) == 1
        return plain.raw[:len(text)] if good else None
    finally:
        crypto.EVP_CIPHER_CTX_free(context)


def from_der(function, der):
    start = ctypes.create_string_buffer(der, len(der))
    return getattr(library("crypto"), function)(None, ctypes.byref(POINTER(ctypes.addressof(start))), len(der))


@lru_cache(maxsize=64)
def public_key(point):
    """libcrypto's key for 65 bytes; None unless they are the uncompressed form of a point of P-256 (keys.md §1.2)."""
    return from_der("d2i_PUBKEY", PUBLIC_PREFIX + point) if len(point) == 65 and point[0] == 4 else None


@lru_cache(maxsize=4)
def private_key(scalar):
    return from_der("d2i_AutoPrivateKey", PRIVATE_PREFIX + scalar + PRIVATE_SUFFIX)


def public_point(scalar):
    der = ctypes.create_string_buffer(len(PUBLIC_PREFIX) + 65)
    library("crypto").i2d_PUBKEY(private_key(scalar), ctypes.byref(POINTER(ctypes.addressof(der))))
    return der.raw[len(PUBLIC_PREFIX):]


def agree(scalar, point):
    """ECDH on P-256: the x coordinate of scalar × point; None when the point is none."""
    crypto, peer = library("crypto"), public_key(point)
    if peer is None:
        return None
    shared, size = ctypes.create_string_buffer(32), SIZE(32)
    context = crypto.EVP_PKEY_CTX_new(private_key(scalar), None)
    try:
        good = crypto.EVP_PKEY_derive_init(context) == 1 and crypto.EVP_PKEY_derive_set_peer(context, peer) == 1
        return shared.raw if good and crypto.EVP_PKEY_derive(context, shared, ctypes.byref(size)) == 1 else None
    finally:
        crypto.EVP_PKEY_CTX_free(context)


def verify_der(point, signature, data):
    """Whether a DER signature, ECDSA with SHA-256, verifies."""
    crypto, key = library("crypto"), public_key(point)
    context = crypto.EVP_MD_CTX_new()
    try:
        good = key is not None and crypto.EVP_DigestVerifyInit(context, None, crypto.EVP_sha256(), None, key) == 1
        return good and crypto.EVP_DigestVerify(context, signature, len(signature), data, len(data)) == 1
    finally:
        crypto.EVP_MD_CTX_free(context)


def decompress(codec, payload, size):
    """Exactly size bytes, or None; no decoder is given room for more (record.md §4)."""
    if codec == 0:
        return payload if len(payload) == size else None
    if codec == 3:
        return inflate(payload, size)
    plain, written = ctypes.create_string_buffer(size), SIZE(size)
    if codec == 1:
        written.value = library("zstd").ZSTD_decompress(plain, size, payload, len(payload))
        good = not library("zstd").ZSTD_isError(written)
    else:
        good = library("brotlidec").BrotliDecoderDecompress(len(payload), payload, ctypes.byref(written), plain) == 1
    return plain.raw if good and written.value == size else None


def inflate(payload, size):
    decoder = zlib.decompressobj(-15)
    try:
        plain = decoder.decompress(payload, size)
        excess = decoder.decompress(decoder.unconsumed_tail, 1)  # Also reads the end of the last block.
    except zlib.error:
        return None
    return plain if decoder.eof and len(plain) == size and not excess and not decoder.unused_data else None
