package io.election.autoconfigure;

import io.election.store.Backend;
import io.election.store.memory.MemoryBackend;

/**
 * Elections within one JVM. Never taken by default: in production every replica would
 * lead.
 */
class MemoryBackendOption implements BackendOption {

	static final String NAME = "memory";

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public String obstacle() {
		return "keeps elections in one JVM and is used only if asked for";
	}

	@Override
	public Backend create() {
		return MemoryBackend.shared();
	}

}
