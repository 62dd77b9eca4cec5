package io.election.testing.integration;

import java.util.Locale;
import java.util.function.Supplier;

/**
 * The backends that are tested and measured with applications as processes of their own.
 */
public enum ElectionBackend {

	POSTGRES(ElectionDatabase::postgres),

	MYSQL(ElectionDatabase::mysql),

	MARIADB(ElectionDatabase::mariadb),

	ETCD(ElectionEtcd::new),

	NATS(ElectionNats::new);

	private final Supplier<ElectionServer> servers;

	ElectionBackend(Supplier<ElectionServer> servers) {
		this.servers = servers;
	}

	/**
	 * A server of its own for whoever asks.
	 * @return the server, not started yet
	 */
	public ElectionServer newServer() {
		return this.servers.get();
	}

	/**
	 * The backend that arguments of a program begin with.
	 * @param args the arguments
	 * @return the backend, PostgreSQL if there are none
	 */
	public static ElectionBackend of(String... args) {
		return (args.length > 0) ? valueOf(args[0].toUpperCase(Locale.ROOT)) : POSTGRES;
	}

	/** The name of the server. */
	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
