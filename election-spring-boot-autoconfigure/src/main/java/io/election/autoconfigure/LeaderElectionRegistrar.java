package io.election.autoconfigure;

import io.election.LeaderElection;
import io.election.LeaderElections;

import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.core.env.Environment;

/**
 * Registers a bean for each election that is named in the properties, the main one as the
 * primary. Public because Spring Framework 7.0.1 makes one in code that it generates
 * ahead of time for the application's package.
 */
public class LeaderElectionRegistrar implements BeanRegistrar {

	/** What the names of the beans begin with; the name of the election follows. */
	static final String PREFIX = "leaderElection.";

	@Override
	public void register(BeanRegistry registry, Environment environment) {
		NamedElections elections = NamedElections.of(environment);
		for (String name : elections.all()) {
			registry.registerBean(PREFIX + name, LeaderElection.class, (spec) -> {
				spec.supplier((context) -> context.bean(LeaderElections.class).get(name));
				if (name.equals(elections.main())) {
					spec.primary();
				}
			});
		}
	}

}
