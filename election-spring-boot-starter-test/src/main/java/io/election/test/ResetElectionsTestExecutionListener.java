package io.election.test;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Has another candidate lead after each test method, since contexts are kept for the next
 * one.
 */
class ResetElectionsTestExecutionListener implements TestExecutionListener {

	@Override
	public void afterTestMethod(TestContext testContext) {
		if (testContext.hasApplicationContext()) {
			ApplicationContext context = testContext.getApplicationContext();
			if (context instanceof ConfigurableApplicationContext configurable && configurable.isActive()) {
				context.getBeanProvider(TestElections.class).ifAvailable(TestElections::reset);
			}
		}
	}

}
