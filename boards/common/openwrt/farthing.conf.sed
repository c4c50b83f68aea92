# What /etc/farthing/farthing.conf says otherwise on a router: /var is in memory there, budgets have to
# outlive a restart, and flash is small and wears out.
s|^path = .*|path = /etc/farthing/state/farthing.ledger|
s|^max_size = .*|max_size = 256K|
s|^keep = .*|keep = 1|
s|^sync = .*|sync = 1m|
s|^# What a power cut may cost.*|# What a power cut may cost, and how often flash is written.|
