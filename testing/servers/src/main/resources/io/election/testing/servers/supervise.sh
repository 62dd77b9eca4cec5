# Runs a command that does not outlive whoever holds the other end of our standard input.
#
#   supervise SIGNAL FOLDER LOG COMMAND...
#
# Prints the command's process id, then runs it, its output going to LOG if that is not empty. Ends when the command
# ends, with its status. When standard input hits its end first (the JVM that started us is gone, however it went), the
# command gets SIGNAL, at most 2 s to obey, then SIGKILL together with its children; FOLDER is deleted if not empty.
# Only what every Linux has: sh, sleep, rm and /proc.

signal=$1 folder=$2 log=$3
shift 3
exec 3<&0

children() {
    for status in /proc/[0-9]*/status; do
        while read -r key value _; do
            if [ "$key" = PPid: ]; then
                if [ "$value" = "$1" ]; then
                    process=${status#/proc/}
                    echo "${process%/status}"
                fi
                break
            fi
        done <"$status"
    done
}

end_orphan() {
    kill -s "$signal" "$child"
    # What was paused must first go on to see the signal
    kill -s CONT $(children "$child") "$child"
    tries=0
    # A process that has ended and waits for its parent has no program any more
    while [ -e "/proc/$child/exe" ] && [ "$tries" -lt 20 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    # Stopped, it starts no further child while we list them
    kill -s STOP "$child"
    kill -s KILL $(children "$child") "$child"
    if [ -n "$folder" ]; then
        rm -rf "$folder"
    fi
}

# exec keeps the process id that the inner shell prints
LOG=$log sh -c 'echo "$$"; log=$LOG; unset LOG; if [ -n "$log" ]; then exec >>"$log" 2>&1; fi; exec "$@"' \
    supervised "$@" 3<&- </dev/null &
child=$!

# From here on nothing but the shell's own remarks on processes that end would go to standard error
exec 2>/dev/null

(
    while read -r _; do :; done <&3
    trap '' TERM
    end_orphan
) &
watch=$!
exec 3<&-

wait "$child"
status=$?
kill -s TERM "$watch"
wait "$watch"
exit "$status"
