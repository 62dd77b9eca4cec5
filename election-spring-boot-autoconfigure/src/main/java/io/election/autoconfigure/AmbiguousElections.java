package io.election.autoconfigure;

import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.election.ElectionEvent;
import io.election.LeaderElection;
import io.election.LeadershipListener;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Finds where an application that takes part in several elections does not say which of
 * them it means: listeners without a condition, which are called for all of them, and
 * injections and {@link LeadershipListener}s without a qualifier, which get the main one.
 * Beans that do not exist when the application starts are not looked at.
 */
final class AmbiguousElections {

	private final AbstractApplicationContext context;

	private final NamedElections elections;

	AmbiguousElections(AbstractApplicationContext context, NamedElections elections) {
		this.context = context;
		this.elections = elections;
	}

	/**
	 * Looks for uses of elections that may be meant otherwise.
	 * @return what each of them does, and what to write
	 */
	List<String> find() {
		if (this.elections.all().size() < 2) {
			return List.of();
		}
		return Stream.of(listeners(), leadershipListeners(), injections())
			.flatMap(Function.identity())
			.distinct()
			.toList();
	}

	private Stream<String> listeners() {
		return this.context.getApplicationListeners()
			.stream()
			.filter(ApplicationListenerMethodAdapter.class::isInstance)
			.map(AmbiguousElections::method)
			.filter(this::isForAllElections)
			.map((method) -> ("%s(%s) has no condition, so it is called for each of the elections %s. Write "
					+ "@EventListener(condition = \"event.election == '%s'\") for one of them, with the name exactly as it "
					+ "is configured, or condition = \"true\" for all.")
				.formatted(name(method), types(method), this.elections.all(), this.elections.main()));
	}

	/** Protected in the first releases of Spring Framework 7. */
	private static Method method(ApplicationListener<?> listener) {
		Method getter = ReflectionUtils.findMethod(ApplicationListenerMethodAdapter.class, "getTargetMethod");
		Assert.state(getter != null, "No getTargetMethod()");
		ReflectionUtils.makeAccessible(getter);
		Object method = ReflectionUtils.invokeMethod(getter, listener);
		Assert.state(method != null, "A listener without a method");
		return (Method) method;
	}

	private boolean isForAllElections(Method method) {
		EventListener annotation = AnnotatedElementUtils.findMergedAnnotation(method, EventListener.class);
		if (annotation == null || StringUtils.hasText(annotation.condition())) {
			return false;
		}
		Class<?>[] events = (annotation.classes().length > 0) ? annotation.classes() : method.getParameterTypes();
		return Arrays.stream(events).anyMatch(ElectionEvent.class::isAssignableFrom);
	}

	private Stream<String> leadershipListeners() {
		return Arrays.stream(this.context.getBeanNamesForType(LeadershipListener.class, false, true))
			.filter((bean) -> LeadershipListenerBeans.qualifier(this.context, bean) == null)
			.map((bean) -> ("LeadershipListener '%s' has no @Qualifier, so it is called for the main election, '%s', "
					+ "only. Write @Qualifier(\"%s\") on its class or @Bean method, or the name of another election: %s.")
				.formatted(bean, this.elections.main(), this.elections.main(), others()));
	}

	private Stream<String> injections() {
		if (!(this.context.getBeanFactory() instanceof DefaultListableBeanFactory beanFactory)) {
			return Stream.empty();
		}
		String main = LeaderElectionRegistrar.PREFIX + this.elections.main();
		return Arrays.stream(beanFactory.getDependentBeans(main))
			.flatMap((bean) -> unqualified(beanFactory, bean).map((point) -> ("Bean '%s': %s has no @Qualifier, so it "
					+ "gets the main election, '%s', whatever its name is. Write @Qualifier(\"%s\") LeaderElection, or "
					+ "the name of another election: %s.")
				.formatted(bean, point, this.elections.main(), this.elections.main(), others())));
	}

	private Set<String> others() {
		Set<String> others = new LinkedHashSet<>(this.elections.all());
		others.remove(this.elections.main());
		return others;
	}

	/**
	 * Where a bean into which the main election was injected does not ask for it by name.
	 */
	private Stream<String> unqualified(DefaultListableBeanFactory beanFactory, String bean) {
		if (!beanFactory.containsBeanDefinition(bean)) {
			return Stream.empty();
		}
		List<String> points = new ArrayList<>();
		BeanDefinition definition = beanFactory.getMergedBeanDefinition(bean);
		Method factoryMethod = (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
		Class<?> type = beanFactory.getType(bean);
		List<Executable> executables = new ArrayList<>();
		if (factoryMethod != null) {
			executables.add(factoryMethod);
		}
		if (type != null) {
			Class<?> userType = ClassUtils.getUserClass(type);
			if (factoryMethod == null) {
				executables.addAll(List.of(userType.getDeclaredConstructors()));
			}
			ReflectionUtils.doWithMethods(userType, executables::add, this::isInjected);
			ReflectionUtils.doWithFields(userType, (field) -> {
				if (isUnqualified(beanFactory, new DependencyDescriptor(field, true))) {
					points.add("field '%s' of %s".formatted(field.getName(), name(field.getDeclaringClass())));
				}
			}, (field) -> isInjected(field));
		}
		for (Executable executable : executables) {
			for (int index = 0; index < executable.getParameterCount(); index++) {
				MethodParameter parameter = MethodParameter.forExecutable(executable, index);
				if (isUnqualified(beanFactory, new DependencyDescriptor(parameter, true))) {
					points.add("%s of %s".formatted(name(parameter.getParameter(), index), name(executable)));
				}
			}
		}
		return points.stream();
	}

	private boolean isInjected(Method method) {
		return isInjected(MergedAnnotations.from(method));
	}

	private boolean isInjected(Field field) {
		return isInjected(MergedAnnotations.from(field));
	}

	private boolean isInjected(MergedAnnotations annotations) {
		return annotations.isPresent(Autowired.class) || annotations.isPresent("jakarta.inject.Inject");
	}

	private boolean isUnqualified(DefaultListableBeanFactory beanFactory, DependencyDescriptor point) {
		Class<?> declaring = point.getMember().getDeclaringClass();
		return point.getDependencyType() == LeaderElection.class
				&& !beanFactory.getAutowireCandidateResolver().hasQualifier(point)
				// These cannot know the names that applications give
				&& !AnnotatedElementUtils.isAnnotated(declaring, AutoConfiguration.class);
	}

	private static String name(Parameter parameter, int index) {
		return parameter.isNamePresent() ? "parameter '" + parameter.getName() + "'" : "parameter " + index;
	}

	private static String name(Executable executable) {
		return (executable instanceof Method method) ? name(method)
				: "the constructor of " + name(executable.getDeclaringClass());
	}

	private static String name(Method method) {
		return name(method.getDeclaringClass()) + "." + method.getName();
	}

	private static String name(Class<?> type) {
		return ClassUtils.getUserClass(type).getName();
	}

	private static String types(Method method) {
		return Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", "));
	}

}
