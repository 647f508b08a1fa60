// The names of Docker's official images, present and past: a FROM line with one of them rarely means an own image.

const names = `
adminer aerospike alma almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash
bonita buildpack-deps busybox caddy cassandra centos chronograf cirros clearlinux clefos clickhouse clojure composer
convertigo couchbase couchdb crate cratedb dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop
elasticsearch elixir emqx erlang express-gateway fedora flink fluentd friendica fsharp gazebo gcc geonetwork ghost glassfish
golang gradle groovy haproxy haskell haxe hello-world hipache hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb iojs
irssi java jenkins jetty jobber joomla jruby julia kaazing-gateway kapacitor kibana known kong krakend lightstreamer
liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mono mysql nats
nats-streaming neo4j neurodebian nextcloud nginx node notary nuxeo odoo open-liberty openjdk opensuse oraclelinux orientdb
owncloud percona perl photon php php-zendserver phpmyadmin piwik plone postfixadmin postgres pypy python r-base rabbitmq
rails rakudo-star rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine satosa scratch
silverpeas sl solr sonarqube sourcemage spark spiped storm sugarcrm swarm swift swipl teamspeak telegraf thrift tomcat
tomee traefik ubuntu ubuntu-debootstrap ubuntu-upstart unit varnish vault websphere-liberty wordpress xwiki yourls
znc zookeeper`;

export const officialImages: ReadonlySet<string> = new Set(names.trim().split(/\s+/));

/** Those of whole systems. They are bases of others everywhere, and names of variants. */
export const systemImages: ReadonlySet<string> = new Set(
  `alma almalinux alpine amazonlinux archlinux busybox centos debian fedora opensuse oraclelinux rockylinux
   ubuntu`.split(/\s+/),
);
