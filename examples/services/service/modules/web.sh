# Installs web.
mkdir -p /opt/web
