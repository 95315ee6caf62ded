#!/bin/sh
# Run in a network and mount namespace of its own (unshare -n -m): names.sh RESOLV_CONF NSSWITCH_CONF TOOL
# Names are answered by our resolver and nobody else; what is sent to fd5e:abad::/64 is swallowed, as by a
# firewall that drops packets: they leave by an interface that asks for no neighbour, and nobody is behind it.
set -eu
ip link set lo up
ip link add dead0 type veth peer name dead1
ip link set dead0 arp off
ip link set dead0 up
ip link set dead1 up
# With an address of both families that is not loopback, getaddrinfo asks for both (AI_ADDRCONFIG).
ip addr add 192.0.2.1/24 dev dead0
ip -6 addr add fd5e:abad::1/64 dev dead0 nodad
mount --bind "$1" /etc/resolv.conf
mount --bind "$2" /etc/nsswitch.conf
exec "$3" resolve -listen 127.0.0.1:53 -delay 50ms -dead fd5e:abad::
