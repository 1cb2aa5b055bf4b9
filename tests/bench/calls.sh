# SPDX-License-Identifier: MIT
#
# Runs in the control domain (busybox sh): says who has the memory, lets
# bench_guest count with and without a device, and prints its report for
# tests/bench/calls.py:
#   bench: step RUN NUMBER VALUE AUX
#   bench: run RUN ok|FAILED

edu=
for path in /sys/bus/pci/devices/*; do
	if [ "$(cat "$path/vendor" "$path/device" | tr -d '\n')" = 0x12340x11e8 ]; then
		edu=$(basename "$path")
		break
	fi
done

# All steps of one number, in order.
print_steps() {
	nth=0
	while words=$(sluice-probe step "$1" "$2" $nth); do
		echo "bench: step $1 $2 $words"
		nth=$((nth + 1))
	done
}

# usage: count_run NAME [LINE ...]: the lines go into the guest's file.
count_run() {
	run=$1
	file=/tmp/$run.cfg
	shift
	printf 'name = "%s"\nkernel = "/guests/bench_guest"\nmemory = 8\n' \
		"$run" > "$file"
	for line in "$@"; do
		echo "$line" >> "$file"
	done
	sluice guest create "$file" &&
		sluice-probe wait "$run" end 3000 || return 1
	while read -r number; do
		print_steps "$run" "$number"
	done < /etc/bench/steps
	sluice-probe steps "$run"
	steps_code=$?
	sluice guest destroy "$run"
	return $steps_code
}

verdict() {
	if count_run "$@"; then
		echo "bench: run $1 ok"
	else
		echo "bench: run $1 FAILED"
		failed=1
	fi
}

failed=0
bench_memory || failed=1
verdict plain
sluice device assign "$edu" &&
	verdict device "pci = [\"$edu,reset=none\"]" 'dma_types = ["translate"]'
exit $failed
