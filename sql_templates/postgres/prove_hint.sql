{# What a difference of a sample means, and what helps: of the row l_worst of verify.
   variables: none #}
case when l_worst.difference <= 100 * l_worst.tolerance then
          'A difference of this size is most often rounding that the network magnifies: real numbers are added in another order in the database,'
          ' which shows where weights or inputs of very different sizes nearly cancel. What helps: scaled inputs, smaller weights, sample rows'
          ' of your own (--samples-from), in PostgreSQL another engine (--engine). If the network is not so, please report this with the model file.'
          else 'Please report this with the model file.' end
