/** Files of nginx, for a root file system that is read-only and a user that is nobody. */
import type { NginxValues } from './values.ts'

/** Answers probes on a port of its own, whatever the servers of the user say. */
export const mainConfig = `worker_processes auto;
pid /tmp/nginx.pid;
error_log stderr notice;
events {
  worker_connections 1024;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  sendfile on;
  tcp_nopush on;
  server_tokens off;
  client_body_temp_path /tmp/client_body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 8081;
    access_log off;
    location = /healthz {
      return 200 "ok";
    }
    location / {
      return 404;
    }
  }
  include /etc/nginx/conf.d/*.conf;
}
`

export function serverConfig({ config, tls }: NginxValues): string {
  if (config !== undefined) return config.endsWith('\n') ? config : `${config}\n`
  const secure = tls
    ? `  listen 8443 ssl;
  ssl_certificate /etc/nginx/tls/tls.crt;
  ssl_certificate_key /etc/nginx/tls/tls.key;
`
    : ''
  return `server {
  listen 8080;
${secure}  location / {
    root /usr/share/nginx/html;
    index index.html;
  }
}
`
}
