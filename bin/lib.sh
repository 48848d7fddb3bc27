# shellcheck shell=bash
# Sourced by the scripts beside it; runs nothing by itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# An ordinary user's PATH on Debian lacks the folders that servers live in.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# A closed standard input cannot be handed on by start().
[[ -e /dev/stdin ]] || exec </dev/null

# The scripts speak English throughout; by itself, manage.py speaks the language of the settings.
manage=(env LANGUAGE_CODE=en .venv/bin/python -u manage.py)

say() { printf 'callme: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# apt_install PACKAGE...: returns 1, having said what to run, where it may not or cannot install them.
apt_install() {
    local root=() output line="apt-get update && apt-get install -y --no-install-recommends $*"
    ((EUID == 0)) || root=(sudo -n)
    if ! command -v apt-get >/dev/null || ! "${root[@]}" true 2>/dev/null; then
        say "packages are missing; as root, run: $line"
        return 1
    fi
    say "installing $*"
    if ! output=$("${root[@]}" bash -c "$APT_SCRIPT" apt_install "$@" 2>&1 </dev/null); then
        printf '%s\n' "$output" >&2
        say "could not install $*; as root, run: $line"
        return 1
    fi
}

# need_php: php-fpm, with what it needs to speak to MariaDB; returns 1 as apt_install does.
need_php() {
    local fpm
    fpm=$(compgen -G '/usr/sbin/php-fpm8.*' | sort | tail -n 1) || true
    [[ -n $fpm && $'\n'$("$fpm" -m) == *$'\n'mysqli$'\n'* ]] || apt_install php-fpm php-mysql
}

# A package's daemon must not start on somebody's machine because tests want its tools, and nothing may be removed (a
# MySQL, say) to make room. The package lists are fetched only after a first failure, as most machines have fresh ones.
# shellcheck disable=SC2016
APT_SCRIPT='
    set -e
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap "rm -f $policy" EXIT
        trap "exit 1" HUP INT TERM
        printf "#!/bin/sh\n# Made by callme for the time of one apt-get; delete it if it is still here.\nexit 101\n" >$policy
        chmod 755 $policy
    fi
    install() { apt-get install -qq -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 "$@"; }
    install "$@" >/dev/null 2>&1 || { apt-get update -qq && install "$@"; }
'

# need_venv requirements.txt|requirements-dev.txt
need_venv() {
    venv_ready "$1" && return
    # Two scripts may start at once on a new clone.
    (flock 9 && { venv_ready "$1" || make_venv "$1"; }) 9<requirements.txt
}

# .venv/.callme: the fingerprint, the requirements file that was installed, and where; or "failed" in place of the first, or
# "unfinished".
venv_ready() {
    local state fingerprint
    [[ -x .venv/bin/python ]] && read -r state 2>/dev/null <.venv/.callme || return 1
    fingerprint=$(venv_fingerprint)
    [[ $state == "$fingerprint $1 $(venv_path)" || $state == "$fingerprint requirements-dev.txt $(venv_path)" ]]
}

venv_fingerprint() { { .venv/bin/python -V && cat requirements*.txt; } | sha256sum | cut -d' ' -f1; }

venv_path() { readlink -f .venv; }

make_venv() {
    local state=
    command -v python3 >/dev/null || die "needs python3, version 3.11 or newer"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "needs Python 3.11 or newer; this is $(python3 -V 2>&1)"
    need_build_packages || exit 1

    # What an interrupted run left, or a moved checkout (scripts name their interpreter by its absolute path), is no use;
    # anything else is brought up to date in place, as a server may be running from it.
    [[ ! -e .venv/.callme ]] || state=$(<.venv/.callme)
    if [[ ! -x .venv/bin/python ]] || [[ -n $state && $state != *" $(venv_path)" ]]; then
        rm -rf .venv
    fi
    say "installing the Python packages of $1 into .venv"
    mkdir -p .venv
    echo unfinished >.venv/.callme
    [[ -x .venv/bin/pip ]] || python3 -m venv .venv || die "could not make .venv; see above"
    if ! .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check -r "$1"; then
        # What was there before is of use still: without a network, an older checkout starts with it.
        echo "failed $1 $(venv_path)" >.venv/.callme
        die "could not install the Python packages of $1; see above"
    fi
    echo "$(venv_fingerprint) $1 $(venv_path)" >.venv/.callme
}

# mysqlclient is published as source only.
need_build_packages() {
    local packages=() include
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
    include=$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))' 2>/dev/null || true)
    [[ -f $include/Python.h ]] || packages+=(python3-dev)
    command -v gcc >/dev/null || packages+=(gcc libc6-dev)
    command -v pkg-config >/dev/null || packages+=(pkg-config)
    pkg-config --exists mysqlclient 2>/dev/null || pkg-config --exists mariadb 2>/dev/null ||
        pkg-config --exists libmariadb 2>/dev/null || packages+=(libmariadb-dev)
    ((${#packages[@]} == 0)) || apt_install "${packages[@]}"
}

# need_node: Node and the packages of miniprogram/package-lock.json, for whoever changes the mini-programs; serving needs none.
need_node() {
    command -v node >/dev/null && command -v npm >/dev/null || apt_install nodejs npm || exit 1
    node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || die "needs Node 18 or newer; this is $(node -v)"
    (flock 9 && { cmp -s miniprogram/package-lock.json miniprogram/node_modules/.callme || install_node_packages; }) \
        9<miniprogram/package-lock.json
}

install_node_packages() {
    say "installing the Node packages of miniprogram/"
    npm ci --prefix miniprogram --silent --ignore-scripts || die "could not install the Node packages; see above"
    cp miniprogram/package-lock.json miniprogram/node_modules/.callme
}

# For what must not depend on who runs it.
forget_settings() {
    local names
    mapfile -t names < <(sed -nE 's/^#?([A-Z_]+)=.*/\1/p' .env.example)
    unset "${names[@]}" HOST PORT WORKERS DJANGO_SETTINGS_MODULE PYTEST_ADDOPTS PYTHONPATH
}

# start COMMAND...: in the background, its pid in $!, but with what bash takes from background commands: standard input
# and Ctrl-C. It is told to stop should the script die without a chance to do so.
start() { (trap - INT QUIT && exec setpriv --pdeathsig TERM "$@") <&0 & }

# ended PID SECONDS: waits that long for it at most; returns 1 if it still runs.
ended() {
    local tenths
    for ((tenths = $2 * 10; tenths > 0; tenths--)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# stop SECONDS PID...: asks them all to end, and waits that long for each before it insists.
stop() {
    local seconds=$1 pid
    shift
    for pid; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid; do
        ended "$pid" "$seconds" || kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
