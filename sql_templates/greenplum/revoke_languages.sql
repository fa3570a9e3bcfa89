{# Who may write a function may read on segments what he likes.
   variables: languages #}
revoke usage on language {{ languages | comma }} from public
