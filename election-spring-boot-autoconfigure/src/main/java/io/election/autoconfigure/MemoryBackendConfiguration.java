package io.election.autoconfigure;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes {@code election.backend=memory} an option. It needs no library.
 */
@Configuration(proxyBeanMethods = false)
class MemoryBackendConfiguration {

	@Bean
	MemoryBackendOption memoryBackendOption() {
		return new MemoryBackendOption();
	}

}
