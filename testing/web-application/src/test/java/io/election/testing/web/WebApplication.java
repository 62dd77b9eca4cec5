package io.election.testing.web;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

/**
 * An application whose leadership anybody who has logged in may see, and operators may
 * steer.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
class WebApplication {

	static final String PASSWORD = "secret";

	private static UserDetails[] users() {
		return new UserDetails[] { user("reader", "READER"), user("operator", "OPERATOR") };
	}

	private static UserDetails user(String name, String role) {
		return User.withUsername(name).password("{noop}" + PASSWORD).roles(role).build();
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.SERVLET)
	InMemoryUserDetailsManager servletUsers() {
		return new InMemoryUserDetailsManager(users());
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.SERVLET)
	SecurityFilterChain servletSecurity(HttpSecurity http) throws Exception {
		return http.authorizeHttpRequests((
				requests) -> requests.requestMatchers(HttpMethod.POST).hasRole("OPERATOR").anyRequest().authenticated())
			.httpBasic(Customizer.withDefaults())
			.csrf(AbstractHttpConfigurer::disable)
			.build();
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	MapReactiveUserDetailsService reactiveUsers() {
		return new MapReactiveUserDetailsService(users());
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	SecurityWebFilterChain reactiveSecurity(ServerHttpSecurity http) {
		return http.authorizeExchange((
				exchanges) -> exchanges.pathMatchers(HttpMethod.POST).hasRole("OPERATOR").anyExchange().authenticated())
			.httpBasic(Customizer.withDefaults())
			.csrf(ServerHttpSecurity.CsrfSpec::disable)
			.build();
	}

}
