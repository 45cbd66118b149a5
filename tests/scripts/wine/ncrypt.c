/* Stands in for ncrypt.dll where Wine runs the agent: Debian's Wine 8 knows no key on an elliptic curve there, and .NET
 * asks nobody else. Only what .NET calls for P-256 is here. For tests: it is slow, it leaks its timing, and it forgets
 * every key with the process. */
#define WIN32_LEAN_AND_MEAN /* Without ncrypt.h, whose handles are no pointers. */
#include <windows.h>
#include <stdint.h>
#include <string.h>

#define API __declspec(dllexport) LONG WINAPI
#define BAD_SIGNATURE ((LONG)0x80090006)
#define BAD_DATA ((LONG)0x80090005)
#define NOT_FOUND ((LONG)0x80090011)
#define BUFFER_TOO_SMALL ((LONG)0x80090028)
#define NOT_SUPPORTED ((LONG)0x80090029)

BOOLEAN NTAPI SystemFunction036(void *bytes, ULONG count); /* RtlGenRandom. */

typedef unsigned __int128 wide;
typedef struct { uint64_t part[4]; } number; /* Least significant part first. */
typedef struct { number m, r2; uint64_t negated_inverse; } modulus; /* r2: 2^512; the inverse is modulo 2^64. */
typedef struct { number x, y, z; } point;    /* Jacobian; z is 0 at infinity. */
typedef struct { int is_agreement, is_private; number secret; point public; } key;
typedef struct { BYTE x[32]; } agreed;

static const number zero, one = {{1}};
static const modulus P = {
    {{0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001}},
    {{0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd}},
    0x0000000000000001};
static const modulus N = {
    {{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000}},
    {{0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620}},
    0xccd1c8aaee00bc4f};
static const point G = {
    {{0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247}},
    {{0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b}},
    {{1}}};

/* Arithmetic modulo m */

static int is_zero(number a) { return !(a.part[0] | a.part[1] | a.part[2] | a.part[3]); }

static int compare(number a, number b)
{
    for (int i = 3; i >= 0; i--)
        if (a.part[i] != b.part[i]) return a.part[i] < b.part[i] ? -1 : 1;
    return 0;
}

static uint64_t add_to(number *a, number b)
{
    wide carry = 0;
    for (int i = 0; i < 4; i++, carry >>= 64) a->part[i] = (uint64_t)(carry += (wide)a->part[i] + b.part[i]);
    return (uint64_t)carry;
}

static uint64_t take_from(number *a, number b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++)
    {
        wide difference = (wide)a->part[i] - b.part[i] - borrow;
        a->part[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

static number plus(number a, number b, const modulus *m)
{
    if (add_to(&a, b) || compare(a, m->m) >= 0) take_from(&a, m->m);
    return a;
}

static number minus(number a, number b, const modulus *m)
{
    if (take_from(&a, b)) add_to(&a, m->m);
    return a;
}

/* Montgomery's product: a * b / 2^256. */
static number shrunk_product(number a, number b, const modulus *m)
{
    uint64_t t[6] = {0};
    for (int i = 0; i < 4; i++)
    {
        wide carry = 0;
        for (int j = 0; j < 4; j++, carry >>= 64) t[j] = (uint64_t)(carry += (wide)a.part[i] * b.part[j] + t[j]);
        carry += t[4];
        t[4] = (uint64_t)carry;
        t[5] = (uint64_t)(carry >> 64);
        uint64_t factor = t[0] * m->negated_inverse;
        carry = ((wide)factor * m->m.part[0] + t[0]) >> 64;
        for (int j = 1; j < 4; j++, carry >>= 64)
            t[j - 1] = (uint64_t)(carry += (wide)factor * m->m.part[j] + t[j]);
        carry += t[4];
        t[3] = (uint64_t)carry;
        t[4] = t[5] + (uint64_t)(carry >> 64);
    }
    number result = {{t[0], t[1], t[2], t[3]}};
    if (t[4] || compare(result, m->m) >= 0) take_from(&result, m->m);
    return result;
}

static number times(number a, number b, const modulus *m)
{
    return shrunk_product(shrunk_product(a, b, m), m->r2, m);
}

static number inverse(number a, const modulus *m)
{
    number exponent = m->m, result = one, two = {{2}};
    take_from(&exponent, two);
    for (int bit = 255; bit >= 0; bit--)
    {
        result = times(result, result, m);
        if (exponent.part[bit / 64] >> (bit % 64) & 1) result = times(result, a, m);
    }
    return result;
}

static number load(const BYTE *bytes)
{
    number a = zero;
    for (int i = 0; i < 32; i++) a.part[3 - i / 8] |= (uint64_t)bytes[i] << (56 - i % 8 * 8);
    return a;
}

static void store(BYTE *bytes, number a)
{
    for (int i = 0; i < 32; i++) bytes[i] = (BYTE)(a.part[3 - i / 8] >> (56 - i % 8 * 8));
}

static number random_scalar(void)
{
    BYTE bytes[32];
    number a;
    do
    {
        SystemFunction036(bytes, sizeof bytes);
        a = load(bytes);
    } while (is_zero(a) || compare(a, N.m) >= 0);
    return a;
}

/* The curve: y² = x³ - 3x + b. Formulas: hyperelliptic.org/EFD, dbl-2001-b and add-1998-cmo-2. */

#define ADD(a, b) plus(a, b, &P)
#define SUB(a, b) minus(a, b, &P)
#define MUL(a, b) times(a, b, &P)

static point doubled(point a)
{
    number delta = MUL(a.z, a.z), gamma = MUL(a.y, a.y), beta = MUL(a.x, gamma);
    number alpha = MUL(SUB(a.x, delta), ADD(a.x, delta)), beta4 = ADD(ADD(beta, beta), ADD(beta, beta));
    number square = MUL(gamma, gamma), yz = ADD(a.y, a.z);
    point r;
    alpha = ADD(ADD(alpha, alpha), alpha);
    r.x = SUB(MUL(alpha, alpha), ADD(beta4, beta4));
    r.z = SUB(SUB(MUL(yz, yz), gamma), delta);
    square = ADD(ADD(square, square), ADD(square, square));
    r.y = SUB(MUL(alpha, SUB(beta4, r.x)), ADD(square, square));
    return r;
}

static point sum(point a, point b)
{
    if (is_zero(a.z)) return b;
    if (is_zero(b.z)) return a;
    number za = MUL(a.z, a.z), zb = MUL(b.z, b.z), u = MUL(a.x, zb), s = MUL(a.y, MUL(b.z, zb));
    number h = SUB(MUL(b.x, za), u), r = SUB(MUL(b.y, MUL(a.z, za)), s);
    if (is_zero(h) && is_zero(r)) return doubled(a);
    number hh = MUL(h, h), hhh = MUL(h, hh), v = MUL(u, hh);
    point c;
    c.x = SUB(SUB(MUL(r, r), hhh), ADD(v, v));
    c.y = SUB(MUL(r, SUB(v, c.x)), MUL(s, hhh));
    c.z = MUL(MUL(a.z, b.z), h);
    return c;
}

static point multiple(point a, number scalar)
{
    point r = {zero, zero, zero};
    for (int bit = 255; bit >= 0; bit--)
    {
        r = doubled(r);
        if (scalar.part[bit / 64] >> (bit % 64) & 1) r = sum(r, a);
    }
    return r;
}

static point affine(point a)
{
    number inverted = inverse(a.z, &P), square = MUL(inverted, inverted);
    point r = {MUL(a.x, square), MUL(a.y, MUL(square, inverted)), one};
    return r;
}

static number below_order(number a)
{
    if (compare(a, N.m) >= 0) take_from(&a, N.m);
    return a;
}

/* What .NET calls */

static const WCHAR *algorithm_of(const key *k) { return k->is_agreement ? L"ECDH_P256" : L"ECDSA_P256"; }

static LONG answer(const void *value, DWORD bytes, BYTE *out, DWORD room, DWORD *written)
{
    *written = bytes;
    if (!out) return 0;
    if (room < bytes) return BUFFER_TOO_SMALL;
    memcpy(out, value, bytes);
    return 0;
}

static LONG answer_text(const WCHAR *text, BYTE *out, DWORD room, DWORD *written)
{
    return answer(text, (DWORD)(wcslen(text) + 1) * sizeof(WCHAR), out, room, written);
}

static LONG answer_number(DWORD value, BYTE *out, DWORD room, DWORD *written)
{
    return answer(&value, sizeof value, out, room, written);
}

API NCryptOpenStorageProvider(void **provider, const WCHAR *name, DWORD flags)
{
    *provider = LocalAlloc(LPTR, sizeof(key));
    return 0;
}

API NCryptFreeObject(void *object)
{
    LocalFree(object);
    return 0;
}

API NCryptCreatePersistedKey(void *provider, key **created, const WCHAR *algorithm, const WCHAR *name, DWORD legacy,
    DWORD flags)
{
    int is_agreement = !wcscmp(algorithm, L"ECDH_P256") || !wcscmp(algorithm, L"ECDH");
    if (!is_agreement && wcscmp(algorithm, L"ECDSA_P256") && wcscmp(algorithm, L"ECDSA")) return NOT_SUPPORTED;
    *created = LocalAlloc(LPTR, sizeof(key));
    (*created)->is_agreement = is_agreement;
    return 0;
}

API NCryptFinalizeKey(key *k, DWORD flags)
{
    k->is_private = 1;
    k->secret = random_scalar();
    k->public = affine(multiple(G, k->secret));
    return 0;
}

API NCryptSetProperty(void *object, const WCHAR *name, BYTE *value, DWORD bytes, DWORD flags) { return 0; }

API NCryptGetProperty(key *k, const WCHAR *name, BYTE *out, DWORD room, DWORD *written, DWORD flags)
{
    if (!wcscmp(name, L"Algorithm Name")) return answer_text(algorithm_of(k), out, room, written);
    if (!wcscmp(name, L"Algorithm Group"))
        return answer_text(k->is_agreement ? L"ECDH" : L"ECDSA", out, room, written);
    if (!wcscmp(name, L"ECCCurveName")) return answer_text(L"nistP256", out, room, written);
    if (!wcscmp(name, L"Length")) return answer_number(256, out, room, written);
    if (!wcscmp(name, L"Export Policy")) return answer_number(3, out, room, written); /* Plain text too. */
    if (!wcscmp(name, L"CLR IsEphemeral")) return answer("\1", 1, out, room, written);
    return NOT_FOUND;
}

/* BCRYPT_ECCKEY_BLOB: magic, length of a number, x, y, and the secret where there is one. */
static LONG import_blob(key *k, const BYTE *blob, DWORD bytes)
{
    if (bytes < 72 || blob[4] != 32) return BAD_DATA;
    k->is_agreement = blob[2] == 'K';
    k->public.x = load(blob + 8);
    k->public.y = load(blob + 40);
    k->public.z = one;
    if (blob[3] != '2') return 0;
    if (bytes < 104) return BAD_DATA;
    k->is_private = 1;
    k->secret = load(blob + 72);
    if (is_zero(k->public.x) && is_zero(k->public.y)) k->public = affine(multiple(G, k->secret));
    return 0;
}

/* PKCS #8 around ECPrivateKey: version 1, then the secret. */
static LONG import_pkcs8(key *k, const BYTE *blob, DWORD bytes)
{
    static const BYTE start[] = {0x02, 0x01, 0x01, 0x04, 0x20};
    for (DWORD i = 0; i + sizeof start + 32 <= bytes; i++)
    {
        if (memcmp(blob + i, start, sizeof start)) continue;
        k->is_private = 1;
        k->secret = load(blob + i + sizeof start);
        k->public = affine(multiple(G, k->secret));
        return 0;
    }
    return BAD_DATA;
}

API NCryptImportKey(void *provider, void *wrapping, const WCHAR *type, void *parameters, key **imported, BYTE *blob,
    DWORD bytes, DWORD flags)
{
    key *k = LocalAlloc(LPTR, sizeof(key));
    LONG status = !wcscmp(type, L"PKCS8_PRIVATEKEY") ? import_pkcs8(k, blob, bytes)
        : !wcscmp(type, L"ECCPUBLICBLOB") || !wcscmp(type, L"ECCPRIVATEBLOB") ? import_blob(k, blob, bytes)
        : NOT_SUPPORTED;
    if (status) LocalFree(k);
    else *imported = k;
    return status;
}

API NCryptExportKey(key *k, void *wrapping, const WCHAR *type, void *parameters, BYTE *out, DWORD room, DWORD *written,
    DWORD flags)
{
    int with_secret = !wcscmp(type, L"ECCPRIVATEBLOB");
    BYTE blob[104] = {'E', 'C', k->is_agreement ? 'K' : 'S', with_secret ? '2' : '1', 32};
    if (!with_secret && wcscmp(type, L"ECCPUBLICBLOB")) return NOT_SUPPORTED;
    store(blob + 8, k->public.x);
    store(blob + 40, k->public.y);
    store(blob + 72, k->secret);
    return answer(blob, with_secret ? 104 : 72, out, room, written);
}

API NCryptSignHash(key *k, void *padding, BYTE *hash, DWORD hash_bytes, BYTE *out, DWORD room, DWORD *written,
    DWORD flags)
{
    BYTE signature[64];
    number r, s;
    if (hash_bytes != 32) return NOT_SUPPORTED;
    if (!out) return answer(signature, sizeof signature, out, room, written);
    do
    {
        number once = random_scalar();
        r = below_order(affine(multiple(G, once)).x);
        s = plus(below_order(load(hash)), times(r, k->secret, &N), &N);
        s = times(s, inverse(once, &N), &N);
    } while (is_zero(r) || is_zero(s));
    store(signature, r);
    store(signature + 32, s);
    return answer(signature, sizeof signature, out, room, written);
}

API NCryptVerifySignature(key *k, void *padding, BYTE *hash, DWORD hash_bytes, BYTE *signature, DWORD bytes,
    DWORD flags)
{
    if (hash_bytes != 32 || bytes != 64) return BAD_SIGNATURE;
    number r = load(signature), s = load(signature + 32);
    if (is_zero(r) || is_zero(s) || compare(r, N.m) >= 0 || compare(s, N.m) >= 0) return BAD_SIGNATURE;
    number inverted = inverse(s, &N);
    point a = multiple(G, times(below_order(load(hash)), inverted, &N));
    point found = sum(a, multiple(k->public, times(r, inverted, &N)));
    if (is_zero(found.z)) return BAD_SIGNATURE;
    return compare(below_order(affine(found).x), r) ? BAD_SIGNATURE : 0;
}

API NCryptSecretAgreement(key *k, key *other, agreed **secret, DWORD flags)
{
    BYTE bytes[32];
    store(bytes, affine(multiple(other->public, k->secret)).x);
    *secret = LocalAlloc(LPTR, sizeof(agreed));
    for (int i = 0; i < 32; i++) (*secret)->x[i] = bytes[31 - i]; /* Windows hands it out the other way round. */
    return 0;
}

API NCryptDeriveKey(agreed *secret, const WCHAR *function, void *parameters, BYTE *out, DWORD room, DWORD *written,
    ULONG flags)
{
    return wcscmp(function, L"TRUNCATE") ? NOT_SUPPORTED : answer(secret->x, 32, out, room, written);
}
