package io.election.autoconfigure;

import java.util.function.Supplier;

import io.election.store.Backend;

/**
 * The client library of a backend, which may be of a version that lacks what is used of
 * it.
 *
 * @param name what it is called in a build, such as {@code io.nats:jnats}
 * @param minimum the oldest version that is known to have everything
 */
record ClientLibrary(String name, String minimum) {

	/**
	 * Makes a backend that uses as much of the library as it can without a connection.
	 * @throws ElectionConfigurationException if the library does not have it
	 */
	Backend link(Supplier<Backend> creation) {
		try {
			return creation.get();
		}
		catch (LinkageError ex) {
			throw new ElectionConfigurationException(
					"The version of %s on the class path, or of a library that it uses, cannot be used: %s."
						.formatted(this.name, ex),
					"Use %s %s or newer.".formatted(this.name, this.minimum));
		}
	}

}
