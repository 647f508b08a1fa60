# Installs gocd-agent.
mkdir -p /opt/gocd-agent
