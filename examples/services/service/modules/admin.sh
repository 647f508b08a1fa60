# Installs admin.
mkdir -p /opt/admin
