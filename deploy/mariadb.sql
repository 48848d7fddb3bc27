-- The database and its user; put a password of your own in place of CHANGE-ME (openssl rand -hex 24; the README's lines do),
-- then, as root: mariadb < deploy/mariadb.sql
-- .env: DATABASE_URL=mysql://callme:CHANGE-ME@localhost/callme        (localhost: by the socket, not the network)

-- utf8mb4 holds every character that a phone can type. This collation tells emoji apart, and MySQL 8 has it too.
CREATE DATABASE IF NOT EXISTS callme CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE USER IF NOT EXISTS 'callme'@'localhost' IDENTIFIED BY 'CHANGE-ME';

-- Its rows, and the tables that migrations make; nobody else's, and no way to grant or to read files.
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON callme.* TO 'callme'@'localhost';
