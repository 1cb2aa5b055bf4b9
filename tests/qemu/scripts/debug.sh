. /etc/sluice/lib.sh
guest_file types types_guest
sluice guest create /tmp/types.cfg
sluice-probe wait types 1; stage types 1;  sluice-probe go types 2; sluice-probe wait types end; sluice-probe state types; usleep 500000; sluice-probe state types; sluice guest list
sluice-probe steps types
sluice log | tail -5
