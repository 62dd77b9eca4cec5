package io.election.testing.integration;

import io.election.LeaderElections;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;

/**
 * An application that takes part in elections, reports on standard output what happens to
 * it, and is commanded over a port of its own. Its arguments are properties of Spring.
 *
 * @see NodeOutput
 * @see NodeCommands
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class ElectionNode {

	/**
	 * Runs until it is told to quit, or killed.
	 * @param args the properties
	 */
	public static void main(String[] args) {
		NodeOutput output = new NodeOutput(System.out);
		NodeCommands commands = NodeCommands.listen(output);
		SpringApplication application = new SpringApplication(ElectionNode.class);
		application.addInitializers((context) -> context.getBeanFactory().registerSingleton("nodeOutput", output));
		commands.serve(application.run(args));
	}

	@Bean
	NodeListener nodeListener(NodeOutput output) {
		return new NodeListener(output);
	}

	@Bean
	StartReporter startReporter(NodeOutput output, @Value("${election.phase:2147483135}") int phase) {
		return new StartReporter(output, phase - 1);
	}

	@Bean
	LeadershipSampler leadershipSampler(NodeOutput output) {
		return new LeadershipSampler(output);
	}

	/** Samples before elections start, so that no instant of leadership is missed. */
	@Bean
	@ConditionalOnBooleanProperty(name = "node.sampling", matchIfMissing = true)
	SmartInitializingSingleton samplingOfAllElections(LeadershipSampler sampler, LeaderElections elections) {
		return () -> {
			elections.names().forEach((name) -> sampler.sample(elections.get(name)));
			sampler.start();
		};
	}

}
