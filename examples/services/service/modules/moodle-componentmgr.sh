# Installs moodle-componentmgr.
mkdir -p /opt/moodle-componentmgr
