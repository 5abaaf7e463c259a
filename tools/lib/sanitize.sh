# Sourced by tools/test: how the sanitizers behave, and whether they can run here at all.

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# The runtimes of Debian 12 cannot map their shadow where the kernel spreads addresses widely.
# Sets sanitizer_wrapper to nothing, or to what switches that spreading off; 1 if neither helps.
# usage: sanitizer_probe thread|address
sanitizer_probe() {
	local dir i
	dir=$(mktemp -d)
	echo 'int main(void) { return 0; }' >"$dir/probe.c"
	sanitizer_wrapper=
	if ! gcc -fsanitize="$1" -o "$dir/probe" "$dir/probe.c" 2>/dev/null; then
		rm -rf "$dir"
		return 1
	fi
	# The addresses are drawn anew each time, so one good run proves nothing.
	for i in 1 2 3 4 5 6 7 8 9 10; do
		if ! "$dir/probe" 2>/dev/null; then
			sanitizer_wrapper="setarch -R"
			break
		fi
	done
	if [ -n "$sanitizer_wrapper" ] && ! $sanitizer_wrapper "$dir/probe" 2>/dev/null; then
		rm -rf "$dir"
		return 1
	fi
	rm -rf "$dir"
}
