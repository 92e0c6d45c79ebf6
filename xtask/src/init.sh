#!/bin/busybox sh
# The VM's first process: loads the modules, runs /script, tells its exit status, powers off.
# What it prints itself goes to the console.

/bin/busybox mkdir -p /proc /sys /dev /tmp /run /var/lock /var/run/drbd /var/lib/drbd /mnt /applets
# Real programs come first; busybox stands in for all others.
export PATH=/usr/sbin:/usr/bin:/applets HOME=/ TERM=dumb
/bin/busybox --install -s /applets
ln -s busybox /bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /dev/pts
ln -s /proc/self/fd /dev/fd
mount -t devpts devpts /dev/pts
# Larger than memory: the tests' disk images are sparse.
for place in /tmp /run /dev/shm; do
    mount -t tmpfs -o size=16g,mode=1777 tmpfs $place
done
mkdir -p /run/lock
ip link set lo up
hostname vm

# The host reads bytes, not a terminal's lines.
stty -F /dev/ttyS1 raw
stty -F /dev/ttyS2 raw

finish() {
    echo "$1" >/dev/ttyS2
    sync
    poweroff -f
}

while read -r module parameters; do
    # The parameters are words.
    if ! insmod /modules/"$module".ko $parameters; then
        echo "the VM's kernel does not load module $module: $(dmesg | tail -n 1)" >/dev/ttyS1
        finish 125
    fi
done </modules/list

# A pipe between the programs and the port, as programs behave differently on a terminal.
mkfifo /run/output
cat /run/output >/dev/ttyS1 &
port=$!
sh /script </dev/null >/run/output 2>&1
status=$?
# All output is out once cat ends; a process left behind by the programs may keep it from that.
tries=0
while kill -0 $port 2>/dev/null && [ $tries -lt 50 ]; do
    usleep 100000
    tries=$((tries + 1))
done
finish $status
