#!/bin/sh
# Makes the certificates that the TLS tests use: run by hand, once, with openssl 3; results are committed.
# Valid from 2020 to 2049, because the tests bring their own clock. The keys are for nothing else.
#
#   ec-root (P-384) -> ec-inter (P-256) -> ec-leaf (P-256)   the shape that large providers have
#   rsa-root (2048) -> rsa-leaf (2048)                       and rsa-weak with 1024 bits
#   ec-root -> nc-inter (critical name constraints) -> nc-leaf
#   self: self-signed, no CA
#   ed-root: Ed25519, which BearSSL does not know
#   big (RSA 4096), p384: self-signed; ec-chain: what a server shows; and keys in the other forms: PKCS#1, SEC1, encrypted in two ways
set -eu
cd "$(dirname "$0")/certs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/ca.conf" <<CONF
[ca]
default_ca = tests
[tests]
database = $work/index
rand_serial = yes
new_certs_dir = $work
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[inter]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
[constrained]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
nameConstraints = critical,permitted;DNS:test.example
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:api.test.example,DNS:*.wild.test.example
CONF

# key NAME ALGORITHM OPTION
key() {
    openssl genpkey -algorithm "$2" ${3:+-pkeyopt "$3"} -out "$work/$1.key" 2>/dev/null
}

# certificate NAME COMMON_NAME EXTENSIONS ISSUER (its own name: self-signed)
certificate() {
    : > "$work/index"
    openssl req -new -config "$work/ca.conf" -key "$work/$1.key" -subj "/CN=$2" -out "$work/$1.csr"
    if [ "$1" = "$4" ]; then
        signer="-selfsign -keyfile $work/$1.key"
    else
        signer="-cert $4.pem -keyfile $work/$4.key"
    fi
    # shellcheck disable=SC2086 # the options are to be split
    md=sha256
    [ "$1" != ed-root ] || md=default
    openssl ca -batch -md "$md" -notext -config "$work/ca.conf" -in "$work/$1.csr" -out "$1.pem" \
        -extensions "$3" -startdate 20200101000000Z -enddate 20491231235959Z $signer 2>/dev/null
}

key ec-root EC ec_paramgen_curve:P-384
key ec-inter EC ec_paramgen_curve:P-256
key ec-leaf EC ec_paramgen_curve:P-256
key nc-inter EC ec_paramgen_curve:P-256
key nc-leaf EC ec_paramgen_curve:P-256
key self EC ec_paramgen_curve:P-256
key ed-root ED25519 ""
key rsa-root RSA rsa_keygen_bits:2048
key rsa-leaf RSA rsa_keygen_bits:2048
key rsa-weak RSA rsa_keygen_bits:1024

certificate ec-root "Test EC Root" root ec-root
certificate ec-inter "Test EC Intermediate" inter ec-root
certificate ec-leaf api.test.example leaf ec-inter
certificate nc-inter "Test Constrained" constrained ec-root
certificate nc-leaf api.test.example leaf nc-inter
certificate ed-root "Test Ed25519 Root" root ed-root
certificate rsa-root "Test RSA Root" root rsa-root
certificate rsa-leaf api.test.example leaf rsa-root
certificate rsa-weak api.test.example leaf rsa-root
certificate self api.test.example leaf self

key big RSA rsa_keygen_bits:4096
key p384 EC ec_paramgen_curve:P-384
certificate big big.test.example leaf big
certificate p384 p384.test.example leaf p384
cp "$work/big.key" big.key
openssl ec -in "$work/p384.key" -out p384-sec1.key 2>/dev/null
cp "$work/ed-root.key" ed-root.key
openssl rsa -traditional -in "$work/rsa-leaf.key" -out rsa-leaf-pkcs1.key 2>/dev/null
openssl rsa -traditional -aes128 -passout pass:x -in "$work/rsa-leaf.key" -out rsa-leaf-locked-old.key 2>/dev/null
openssl pkey -aes128 -passout pass:x -in "$work/rsa-leaf.key" -out rsa-leaf-locked.key
{ openssl ecparam -name prime256v1; openssl ec -in "$work/ec-leaf.key"; } >ec-leaf-sec1.key 2>/dev/null

for name in ec-leaf nc-leaf rsa-leaf rsa-weak self; do
    cp "$work/$name.key" "$name.key"
done
cat ec-leaf.pem ec-inter.pem >ec-chain.pem
