package io.election.testing.web;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

/**
 * An application whose leadership anybody who has logged in may see, and operators may
 * steer, as {@code docs/operations.md} shows. Everything else keeps Spring Security's
 * defaults.
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
	@Order(0)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	SecurityFilterChain leadershipSecurity(HttpSecurity http) throws Exception {
		return http.securityMatcher(EndpointRequest.to("leadership"))
			.authorizeHttpRequests((requests) -> requests.requestMatchers(HttpMethod.POST)
				.hasRole("OPERATOR")
				.anyRequest()
				.authenticated())
			.httpBasic(Customizer.withDefaults())
			.csrf((csrf) -> csrf.disable())
			.build();
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.SERVLET)
	SecurityFilterChain servletSecurity(HttpSecurity http) throws Exception {
		return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
			.httpBasic(Customizer.withDefaults())
			.build();
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	MapReactiveUserDetailsService reactiveUsers() {
		return new MapReactiveUserDetailsService(users());
	}

	@Bean
	@Order(0)
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	SecurityWebFilterChain reactiveLeadershipSecurity(ServerHttpSecurity http) {
		return http
			.securityMatcher(org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest
				.to("leadership"))
			.authorizeExchange((exchanges) -> exchanges.pathMatchers(HttpMethod.POST)
				.hasRole("OPERATOR")
				.anyExchange()
				.authenticated())
			.httpBasic(Customizer.withDefaults())
			.csrf((csrf) -> csrf.disable())
			.build();
	}

	@Bean
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	SecurityWebFilterChain reactiveSecurity(ServerHttpSecurity http) {
		return http.authorizeExchange((exchanges) -> exchanges.anyExchange().authenticated())
			.httpBasic(Customizer.withDefaults())
			.build();
	}

}
