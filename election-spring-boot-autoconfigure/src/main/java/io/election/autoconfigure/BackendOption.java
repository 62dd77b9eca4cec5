package io.election.autoconfigure;

import io.election.store.Backend;
import org.jspecify.annotations.Nullable;

/**
 * A backend that {@code election.backend} can select. A bean where its library is on the
 * class path.
 */
interface BackendOption {

	/** The value of {@code election.backend} that selects it. */
	String name();

	/**
	 * Why it is not taken while {@code election.backend} is not set.
	 * @return the reason, {@code null} if it is configured
	 */
	@Nullable String obstacle();

	/**
	 * Makes the backend.
	 * @throws ElectionConfigurationException if it is not known how to reach it
	 */
	Backend create();

}
