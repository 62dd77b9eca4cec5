package io.election.test;

import io.election.LeaderElection;
import io.election.autoconfigure.ElectionAutoConfiguration;
import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.ElectionTime;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link TestElections}.
 */
@AutoConfiguration(before = ElectionAutoConfiguration.class)
final class TestElectionAutoConfiguration {

	@Bean
	TestTime electionTestTime() {
		return new TestTime();
	}

	@Bean
	ElectionTime electionTime(TestTime time) {
		return time.forElections();
	}

	@Bean
	@Primary
	TestBackend electionTestBackend(TestTime time) {
		return new TestBackend(time);
	}

	@Bean
	TestElections testElections(ObjectProvider<DefaultLeaderElections> elections, ObjectProvider<LeaderElection> main,
			TestBackend backend, TestTime time) {
		return new TestElections(elections::getObject, main::getObject, backend, time);
	}

}
