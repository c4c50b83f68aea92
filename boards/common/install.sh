#!/bin/sh
# Installs farthing from the folder of this script, or takes it away again:
#
#   ./install.sh            binary, configuration (kept if there is one), user, service; does not start it
#   ./install.sh remove     all but the configuration, the keys and the ledger
#   ./install.sh purge      these too
#
# PREFIX=/usr/local   of the binary                INIT=systemd | openrc | none   found out if not given
# DESTDIR=            a root that is being built: no user is made, nothing is started or stopped there
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
if [ -z "${INIT:-}" ]; then
    INIT=none
    if [ -d /run/systemd/system ]; then INIT=systemd; elif [ -x /sbin/openrc-run ]; then INIT=openrc; fi
fi
unit=$DESTDIR/etc/systemd/system/farthing.service
script=$DESTDIR/etc/init.d/farthing
conf=$DESTDIR/etc/farthing
state=$DESTDIR/var/lib/farthing

live() { # COMMAND...: only on a running system
    [ -n "$DESTDIR" ] || "$@"
}

put() { # MODE FROM TO: with the binary's place in it
    mkdir -p "${3%/*}"
    sed "s|/usr/bin/farthing|$PREFIX/bin/farthing|" "$2" >"$3"
    chmod "$1" "$3"
}

make_user() {
    grep -q '^farthing:' /etc/passwd && return 0
    if command -v useradd >/dev/null; then
        useradd --system --user-group --no-create-home --home-dir /var/lib/farthing --shell /sbin/nologin farthing
    else # busybox
        addgroup -S farthing
        adduser -S -D -H -h /var/lib/farthing -s /sbin/nologin -G farthing farthing
    fi
}

install_all() {
    "$here/farthing" version >/dev/null 2>&1 || [ -n "$DESTDIR" ] || {
        echo "install.sh: this build does not run on this processor" >&2
        exit 1
    }
    mkdir -p "$DESTDIR$PREFIX/bin" "$conf/keys" "$state"
    # Renamed into its place: the running one cannot be written to.
    cp "$here/farthing" "$DESTDIR$PREFIX/bin/farthing.new"
    chmod 755 "$DESTDIR$PREFIX/bin/farthing.new"
    mv "$DESTDIR$PREFIX/bin/farthing.new" "$DESTDIR$PREFIX/bin/farthing"
    [ -e "$conf/farthing.conf" ] || put 644 "$here/farthing.conf" "$conf/farthing.conf"
    live make_user
    live chown farthing:farthing "$state"
    live chgrp farthing "$conf/keys"
    chmod 750 "$state"
    chmod 2750 "$conf/keys"
    case $INIT in
    systemd)
        put 644 "$here/farthing.service" "$unit"
        live systemctl daemon-reload
        echo "installed; now: systemctl enable --now farthing (or restart)"
        ;;
    openrc)
        put 755 "$here/farthing.openrc" "$script"
        echo "installed; now: rc-update add farthing && rc-service farthing start (or restart)"
        ;;
    *) echo "installed; now: $PREFIX/bin/farthing serve -c /etc/farthing/farthing.conf" ;;
    esac
}

remove_all() {
    case $INIT in
    systemd) live systemctl disable --now farthing || true ;;
    openrc)
        live rc-service farthing stop || true
        live rc-update del farthing || true
        ;;
    esac
    rm -f "$unit" "$script" "$DESTDIR$PREFIX/bin/farthing"
    [ "$INIT" != systemd ] || live systemctl daemon-reload
}

case ${1:-install} in
install) install_all ;;
remove) remove_all ;;
purge)
    remove_all
    rm -rf "$conf" "$state"
    ;;
*)
    echo "Usage: ./install.sh [remove | purge]" >&2
    exit 2
    ;;
esac
