# Installs nvm.
mkdir -p /opt/nvm
