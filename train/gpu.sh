#!/usr/bin/env bash
# Train the weights on a GPU that is there for a quarter of an hour, with data that `python -m train pack` packed:
#
#     train/gpu.sh [--short | --unpack] [PACK...]
#
# --short: two steps of each run, to try the script. --unpack: unpack only, where several packs come one after another.
# Runs that are not finished when the time is up continue in the next call. See docs/training.md.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${WORK:=runs/gpu}"         # unpacked data and runs; has to stay for the next call
: "${OUT:=runs/gpu-out}"      # what to keep: NAME.tar.gz for each run, samples.tar.gz
: "${LIMIT:=570}"             # seconds that a call may take
: "${LANES:=2}"               # runs at the same time
: "${PYTHON:=python3}"
: "${OMP_NUM_THREADS:=4}"     # of each run

# Lanes take runs in this order. steps = (seconds - overhead) * steps/s. Overhead: imports, reading the data, drawing
# sketches, ten validations. Steps per second are guesses for an H100 that two runs share, on the low side; correct them
# by what the logs of a first call say.
#    preset                             seconds overhead steps/s batch starts from     data
PLAN="
    pix2pix-perceptual                      430      150       8     4 weights/pix2pix  *
    pix2pix-sketch-to-photo-perceptual      470      270      10     4 weights/pix2pix  *
    cyclegan-sketch-to-photo                330      210       8     4 weights/cyclegan *
    matte                                   290      110       5     8 weights/matte    portraits
"
: "${RUNS:=$(awk '{ printf "%s ", $1 }' <<< "$PLAN")}"  # those of the plan to train

short="" unpack_only="" start=$SECONDS packs=()
for argument in "$@"; do
    case "$argument" in
        --short) short=yes ;;
        --unpack) unpack_only=yes ;;
        -*) echo "gpu.sh: there is no option $argument; there are --short and --unpack." >&2; exit 2 ;;
        *) packs+=("$argument") ;;
    esac
done
if [ -n "$short" ]; then WORK+=-short OUT+=-short; fi  # not in the way of the real runs
mkdir -p "$WORK/runs" "$OUT"
WORK=$(cd "$WORK" && pwd) OUT=$(cd "$OUT" && pwd)
data=$WORK/pack/data include=$WORK/pack/include packages=$WORK/packages
export OMP_NUM_THREADS PYTHONUNBUFFERED=1 PYTHONPATH="$PWD:$packages${PYTHONPATH:+:$PYTHONPATH}"

say() { echo "[$((SECONDS - start)) s] $*"; }

# ---- Unpack, and say what is missing --------------------------------------------------------------------------------

for pack in "${packs[@]}"; do
    "$PYTHON" -m zipfile -e "$pack" "$WORK/pack"
    say "unpacked $pack"
done
shopt -s nullglob
wheels=("$include"/*.whl) networks=("$include"/*.pth "$include"/*.onnx)
if ((${#wheels[@]})) && [ ! -d "$packages" ]; then
    "$PYTHON" -m pip install --quiet --no-index --no-deps --target "$packages" "${wheels[@]}"
fi
if ((${#networks[@]})); then  # where PyTorch looks for weights
    export TORCH_HOME="$WORK/torch"
    mkdir -p "$TORCH_HOME/hub/checkpoints"
    ln -sf "${networks[@]}" "$TORCH_HOME/hub/checkpoints/"
fi
[ -z "$unpack_only" ] || exit 0
folders=("$data"/*/)
if ! ((${#folders[@]})); then
    echo "gpu.sh: no data in $data; name a pack." >&2
    exit 1
fi

missing() {  # of the packages in the arguments, those that cannot be imported
    "$PYTHON" -c 'import sys; from importlib.util import find_spec as f; print(*[n for n in sys.argv[1:] if not f(n)])' "$@"
}
needed=$(missing torch torchvision accelerate filelock typer tqdm safetensors huggingface_hub numpy cv2 skimage PIL scipy)
if [ -n "$needed" ]; then
    echo "gpu.sh: these packages are missing: $needed." >&2
    exit 1
fi
[ -z "$(missing piq)" ] || say "piq is missing, so validation has no FSIM; pack its wheel with --include."
checkpoints=$("$PYTHON" -c 'import torch; print(torch.hub.get_dir())')/checkpoints
no_mobilenet="" no_mobileface=""
[ -f "$checkpoints/mobilenet_v2-b0353104.pth" ] || no_mobilenet="mobilenet_v2-b0353104.pth"
[ -f "$checkpoints/mobileface.onnx" ] || no_mobileface="mobileface.onnx"
no_converter=$(missing onnx onnx2torch)
lacks() {  # what a preset lacks
    case "$1" in
        *-perceptual | cyclegan-sketch-to-photo) echo $no_mobilenet $no_mobileface $no_converter ;;
    esac
}
for name in $RUNS; do
    [ -z "$(lacks "$name")" ] || say "$name is left out, since it needs $(lacks "$name"); pack them with --include."
done

# ---- Train ----------------------------------------------------------------------------------------------------------

keep() {  # pack what there is of a run into OUT
    local run=$1 there=()
    for each in config.json metrics.jsonl log.txt export; do
        [ ! -e "$WORK/runs/$run/$each" ] || there+=("$run/$each")
    done
    ((${#there[@]})) || return 0
    tar -C "$WORK/runs" -czf "$WORK/$run.tar.gz" "${there[@]}" && mv "$WORK/$run.tar.gz" "$OUT/"
}

train() {  # a row of the plan; returns 1 if the run failed, 130 after Ctrl-C
    local name=$1 seconds=$2 overhead=$3 rate=$4 batch=$5 model=$6 names=$7 run=$WORK/runs/$1
    local steps=$(((seconds - overhead) * rate)) left=$((LIMIT - (SECONDS - start) - 40)) status=0 arguments=() folder
    if [ -n "$short" ]; then steps=2 batch=1 seconds=$LIMIT; fi
    for folder in "${folders[@]}"; do
        # shellcheck disable=SC2053  # names is a pattern
        if [[ $(basename "$folder") == $names ]]; then arguments+=(--data "$folder"); fi
    done
    if [ -e "$WORK/$name.done" ]; then
        say "$name is done"
        return
    elif ((left < 90)); then
        say "$name has no time left in this call"
        return
    fi
    say "$name: $steps steps, batches of $batch, at most $((seconds < left ? seconds : left)) s"
    # A shell lets the commands that it starts in the background ignore Ctrl-C, by which timeout stops a run.
    env --default-signal=INT timeout --foreground -s INT -k 25 $((seconds < left ? seconds : left)) \
        "$PYTHON" -m train fit "$name" --init-from "$model" "${arguments[@]}" --out "$run" \
        --steps $steps --batch-size "$batch" --no-score < /dev/null >> "$WORK/$name.log" 2>&1 || status=$?
    [ ! -d "$run" ] || cp "$WORK/$name.log" "$run/log.txt"
    if ((status == 0)) && grep -q "^{\"step\": $steps," "$run/metrics.jsonl"; then
        touch "$WORK/$name.done"
        say "$name is done"
    elif ((status == 124 || status == 137)); then
        ((seconds > left)) || touch "$WORK/$name.done"
        say "$name stops, since its time is up: $(grep '^Step' "$WORK/$name.log" | tail -n 1)"
    elif ((status == 0 || status == 130)); then
        say "$name was interrupted"
        return 130
    else
        say "$name failed: $(tail -n 1 "$WORK/$name.log")"
        return 1
    fi
    keep "$name"
}

lane() {  # every LANES-th run of the list, from a number on
    local number=0 failed=0 row
    while read -r row; do
        if ((number++ % LANES == $1)); then
            # shellcheck disable=SC2086  # a row is several arguments
            set -f; set -- "$1" $row; set +f
            train "${@:2}" || failed=$?
            ((failed != 130)) || return 130
        fi
    done <<< "$chosen"
    return $failed
}

chosen=$(while read -r name rest; do
    if [[ -n $name && " $RUNS " == *" $name "* && -z $(lacks "$name") ]]; then echo "$name $rest"; fi
done <<< "$PLAN")
if [ -z "$chosen" ]; then
    echo "gpu.sh: none of these runs can be trained: $RUNS." >&2
    exit 1
fi
failed=0 lanes=()
for ((number = 0; number < LANES; number++)); do
    lane $number & lanes+=($!)
done
for each in "${lanes[@]}"; do wait "$each" || failed=1; done

samples=()
for run in "$WORK"/runs/*/; do
    run=$(basename "$run")
    [ -e "$OUT/$run.tar.gz" ] || keep "$run"
    for kind in portraits photo_to_sketch sketch_to_photo photo_to_matte; do
        sheets=("$WORK/runs/$run/samples/$kind"-*.png)
        ((${#sheets[@]} == 0)) || samples+=("runs/$run/samples/$(basename "${sheets[-1]}")")
    done
done
((${#samples[@]} == 0)) || tar -C "$WORK" -czf "$OUT/samples.tar.gz" "${samples[@]}"
say "kept in $OUT: $(ls "$OUT" | tr '\n' ' ')"
exit $failed
