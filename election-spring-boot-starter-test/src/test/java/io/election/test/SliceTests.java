package io.election.test;

import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.test.BillingApplication.LeaderController;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Slices of an application, such as {@link WebMvcTest @WebMvcTest}.
 */
class SliceTests {

	/** With elections that a test rules. */
	@WebMvcTest(controllers = LeaderController.class, properties = "election.name=billing")
	@ContextConfiguration(classes = { BillingApplication.class, LeaderController.class })
	@AutoConfigureElection
	static class WithElectionsTests {

		@Test
		void theTestDecidesWhoLeads(@Autowired MockMvcTester mvc, @Autowired TestElections elections) {
			assertThat(mvc.get().uri("/leads")).hasBodyTextEqualTo("false");
			elections.grant();
			assertThat(mvc.get().uri("/leads")).hasBodyTextEqualTo("true");
		}

	}

	/** Without. */
	@WebMvcTest(controllers = LeaderController.class)
	@ContextConfiguration(classes = { BillingApplication.class, LeaderController.class })
	static class WithoutElectionsTests {

		@MockitoBean
		private LeaderElection election;

		@Test
		void noElectionStarts(@Autowired MockMvcTester mvc, @Autowired ApplicationContext context) {
			assertThat(context.getBeanNamesForType(LeaderElections.class)).isEmpty();
			assertThat(mvc.get().uri("/leads")).hasBodyTextEqualTo("false");
		}

	}

}
