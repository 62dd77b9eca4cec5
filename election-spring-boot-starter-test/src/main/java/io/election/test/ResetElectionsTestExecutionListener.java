package io.election.test;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Has another candidate lead before and after each test method, since contexts are kept
 * for the next one. After a test, that is when its transaction is over, which listeners
 * may wait for.
 */
class ResetElectionsTestExecutionListener implements TestExecutionListener, Ordered {

	/** Later than dirty contexts are closed, sooner than transactions begin. */
	private static final int ORDER = 3500;

	private static final String CONTEXT = ResetElectionsTestExecutionListener.class.getName();

	private static final String BEAN = "testElections";

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public void beforeTestMethod(TestContext testContext) {
		ApplicationContext context = testContext.getApplicationContext();
		if (context.containsBean(BEAN)) {
			testContext.setAttribute(CONTEXT, context);
			context.getBean(BEAN, TestElections.class).begin();
		}
	}

	@Override
	public void afterTestMethod(TestContext testContext) {
		Object context = testContext.removeAttribute(CONTEXT);
		if (context instanceof ConfigurableApplicationContext active && active.isActive()) {
			active.getBean(BEAN, TestElections.class).reset();
		}
	}

}
